"""Parts 7 and 8: training loops. They are given another's wrapper, so that part 6 counts only once."""

import probes
import pytest
import torch
from torch.nn.functional import mse_loss

from grader.checks import assert_close, check, require

TWO = pytest.mark.ddp(nprocs=2)


@pytest.fixture
def batches(draw):
    """Three batches for rank 0, one for rank 1."""
    return [[[draw(size, 4), draw(size, 1)] for size in sizes] for sizes in ([4, 4, 3], [2])]


def one_process(seed, batches, ranks=(0, 1)):
    """Take a step on the union of what the ranks have at each t."""
    module = probes.Chain(seed)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9)
    for t in range(max(len(mine) for mine in batches)):
        there = [batches[rank][t] for rank in ranks if t < len(batches[rank])]
        x, y = (torch.cat(side) for side in zip(*there, strict=True))
        optimizer.zero_grad()
        mse_loss(module(x), y).backward()
        optimizer.step()
    return [p.detach() for p in module.parameters()]


@check("epoch", points=0.8)
@TWO
def test_epoch_weights(candidate, batches, seed):
    """One batch for each rank, of different sizes: every sample weighs the same."""
    first = [mine[-1:] for mine in batches]
    seen = candidate.launch(probes.uneven_epoch, seed=seed, batches=first, which=["parameters"])
    assert_close(seen[0]["parameters"], one_process(seed, first), name="the parameters")


@check("epoch", points=0.8)
@TWO
def test_epoch_parameters(candidate, batches, seed):
    """Rank 0 ends where one process ends that takes all batches of each step together."""
    seen = candidate.launch(probes.uneven_epoch, seed=seed, batches=batches, which=["parameters"])
    assert_close(seen[0]["parameters"], one_process(seed, batches), name="the parameters of rank 0")


@check("epoch", points=1.6)
@TWO
def test_epoch_replicas(candidate, batches, seed):
    """The rank that had run out of batches has been trained, and ends where the other does."""
    which = ["parameters", "steps"]
    first, second = candidate.launch(probes.uneven_epoch, seed=seed, batches=batches, which=which)
    start = probes.Chain(seed).layers[0].weight
    require((second["parameters"][0] - start).abs().max() > 1e-6, "rank 1 has not been trained")
    require(isinstance(second["steps"], int) and second["steps"] > 0, "rank 1 says that it has taken no step")
    assert_close(second["parameters"], first["parameters"], name="the parameters of rank 1")


@check("epoch", points=0.8, after=test_epoch_weights)
@pytest.mark.parametrize(
    "members",
    [
        pytest.param(None, marks=TWO, id="2 ranks"),
        pytest.param([1, 2], marks=pytest.mark.ddp(nprocs=3), id="a group of 2 of 3"),
    ],
)
def test_epoch_steps(candidate, batches, seed, members):
    """The number of steps is that of the rank with the most batches, on both."""
    every = batches if members is None else [[], *batches]
    seen = candidate.launch(probes.uneven_epoch, seed=seed, batches=every, which=["steps"], members=members)
    steps = [rank["steps"] for rank in seen[-2:]]
    require(steps == [3, 3], "the number of steps is not that of the rank with most batches")


@pytest.fixture
def own(candidate):
    """Return what `train_bucketed` left on each of two ranks."""

    def run(config, *which):
        return candidate.launch(probes.trained_bucketed, init_process_group=False, config=config, which=[*which])

    return run


@check("own", points=2)
@TWO
def test_own_training(own, alone, config):
    """Three epochs end where train.py ends with batches twice as large, and with its losses."""
    config |= {"epochs": 3, "batch_size": 3}
    expected = alone(config, ranks=2)
    for rank, seen in enumerate(own(config, "parameters", "losses")):
        assert_close(seen["parameters"], expected["parameters"], name=f"the parameters on rank {rank}")
        assert_close(seen["losses"], expected["losses"], name=f"the losses on rank {rank}", rtol=1e-6, atol=1e-6)


@check("own", points=1)
@TWO
def test_own_accumulation(own, alone, config):
    """With grad_accum, batches of three, two by two, are batches of six."""
    config |= {"batch_size": 6}
    expected = alone(config, ranks=2)
    for seen in own(config | {"batch_size": 3, "grad_accum": 2}, "parameters"):
        assert_close(seen["parameters"], expected["parameters"], name="the parameters")


@check("own", points=1, after=test_own_accumulation)
@TWO
def test_own_communication(own, config):
    """With grad_accum of two, gradients are sent half as often, and by the wrapper."""
    for seen in own(config | {"batch_size": 3, "grad_accum": 2}, "finished", "sent", "caps"):
        require(seen["caps"] == [config["bucket_cap_bytes"]], "the wrapper is not made with config's bucket_cap_bytes")
        require(seen["finished"] == [3], "finish_gradient_sync is not called once in each optimizer step")
        require(seen["sent"] == 3, "gradients are not sent exactly once in each optimizer step")
