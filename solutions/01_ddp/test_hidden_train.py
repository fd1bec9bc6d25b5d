"""Part 1: train.py, run by several processes, is train.py with a larger batch. The oracle is train.py itself."""

import json

import probes
import pytest

from grader.checks import assert_close, check, require

TWO = pytest.mark.ddp(nprocs=2)
LOSS = {"rtol": 1e-6, "atol": 1e-6}  # it may be summed up in float32


@pytest.fixture
def trained(candidate):
    """Return what `train` left on each of two ranks, which torchrun seems to have started."""

    def run(config, *which, checkpoint=None):
        inputs = {"config": config, "which": [*which], "checkpoint": checkpoint}
        return candidate.launch(probes.trained, init_process_group=False, **inputs)

    return run


@check("train", points=3)
def test_train_alone(candidate, alone, config):
    """Started without torchrun, it does what train.py does."""
    config |= {"batch_size": 6}  # which divides 36: how the loss is weighted is another check's question
    expected = alone(config)
    seen = candidate.run(probes.trained, config=config, which=["parameters", "losses"])
    assert_close(seen["parameters"], expected["parameters"], name="the parameters")
    assert_close(seen["losses"], expected["losses"], name="the loss", **LOSS)


@check("train", points=5)
@TWO
def test_train_two_ranks(trained, alone, config):
    """An epoch of two ranks ends, on both, where train.py ends with batches twice as large."""
    expected = alone(config, ranks=2)
    for rank, seen in enumerate(trained(config, "parameters")):
        assert_close(seen["parameters"], expected["parameters"], name=f"the parameters on rank {rank}")


@check("train", points=3, after=test_train_two_ranks)
@TWO
def test_train_reshuffles(trained, alone, config):
    """Each epoch has an order of its own, the same on all ranks."""
    config |= {"epochs": 3}
    expected = alone(config, ranks=2)
    for seen in trained(config, "parameters"):
        assert_close(seen["parameters"], expected["parameters"], name="the parameters after three epochs")


@check("train", points=3)
@TWO
def test_train_loss(trained, alone, config):
    """On every rank, the loss of an epoch is the mean over the samples of all ranks."""
    config |= {"lr": 0.0}  # so that only the mean is in question
    expected = alone(config, ranks=2)
    for rank, seen in enumerate(trained(config, "losses")):
        assert_close(seen["losses"], expected["losses"], name=f"the loss on rank {rank}", **LOSS)


@check("train", points=2)
@TWO
def test_train_one_writer(trained, config):
    """Rank 0 writes the checkpoint, and nobody else writes anything."""
    first, second = trained(config, "wrote")
    require("ckpt.pt" in first["wrote"], "rank 0 has written no checkpoint")
    require(not second["wrote"], "rank 1 has written files too")


@check("train", points=2)
@TWO
def test_train_checkpoint(trained, config):
    """The checkpoint has the bare model, the optimizer's state, and the number of epochs that were done."""
    seen, _ = trained(config, "parameters", "saved")
    require(seen["saved"] is not None, "rank 0 has written no checkpoint")
    names = ("0.weight", "0.bias", "2.weight", "2.bias")
    model = dict(zip(names, seen["parameters"], strict=True))
    assert_close(seen["saved"]["model"], model, name="the saved model")
    require(seen["saved"]["epoch"] == 1, "the number of epochs in the checkpoint is not that of those done")
    require(len(seen["saved"]["momentum"]) == 4, "the optimizer's state is not in the checkpoint")


@check("train", points=3, after=test_train_alone)
@TWO
def test_train_resume(trained, config):
    """One epoch, a break, and two more are the same as three epochs."""
    before, _ = trained(config, "parameters", "checkpoint")
    require(before["checkpoint"] is not None, "rank 0 has written no checkpoint")
    config |= {"epochs": 3, "resume": True}
    straight, _ = trained(config, "parameters")
    resumed, _ = trained(config, "parameters", checkpoint=before["checkpoint"])
    assert_close(resumed["parameters"], straight["parameters"], name="the parameters of rank 0")


@check("train", points=1, after=test_train_one_writer)
@TWO
def test_train_waits(candidate, config):
    """No rank returns before the last checkpoint is there."""
    saw, *there = candidate.launch(probes.waits, init_process_group=False, config=config)
    require(all(there) or not saw, "rank 1 has returned while rank 0 was still saving")


@check("train", points=1, after=test_train_two_ranks)
@TWO
def test_train_leaves(trained, config):
    """When it returns, the process group has been destroyed."""
    seen = trained(config, "joined")
    require(not any(rank["joined"] for rank in seen), "a rank is still in the process group when train returns")


@check("train", points=2, after=test_train_alone)
@TWO
@pytest.mark.limits(seconds=60)
def test_train_by_torchrun(candidate, config):
    """torchrun starts it as a script; it ends by itself, without an error, and its checkpoint is there."""
    files = {"config.json": json.dumps(config | {"ckpt": "ckpt.pt"})}
    saved = candidate.torchrun(
        args=["--config", "config.json"], files=files, then=probes.after_torchrun, path="ckpt.pt"
    )
    require(saved is not None, "rank 0 has written no checkpoint")
    require(saved["epoch"] == 1, "the number of epochs in the checkpoint is not that of those done")
