"""Part 9: the same on a GPU. Gloo takes two ranks on one; NCCL wants a GPU for each, so one rank is all there is."""

import probes
import pytest

from grader.checks import assert_close, at_most, check, require


@check("gpu", points=2)
@pytest.mark.ddp(nprocs=2)
@pytest.mark.gpu(count=1, memory="4GB", shared=True)
def test_gpu_two_ranks(candidate, draw, seed, device):
    """Two ranks on one GPU: state and gradients stay there, and are right."""
    grads = [[draw(*shape) for shape in ((2, 3), (4,), ())] for _ in range(2)]
    state = [p.detach() for p in probes.Normed(seed).parameters()]
    mean = [(a + b) / 2 for a, b in zip(*grads, strict=True)]
    for seen in candidate.launch(probes.on_a_device, seeds=[seed, seed + 1], grads=grads, device=device):
        assert_close(seen["parameters"], state, name="the parameters")
        assert_close(seen["grads"], mean, name="the gradients")
        require(seen["there"], "a gradient has left the device")


@check("gpu", points=2)
@pytest.mark.careless("dtype")
@pytest.mark.ddp(nprocs=1)
@pytest.mark.gpu(count=1, memory="4GB", shared=True)
def test_gpu_buckets(candidate, draw, mean_gradient, device):
    """One rank with NCCL: gradients are right and there, and buckets need no more than three times their memory."""
    x = draw(5, 4)
    (seen,) = candidate.launch(probes.buckets_on_a_device, x=x, device=device, init_process_group=False)
    assert_close(seen["gradients"], mean_gradient(probes.Chain(0), [(x,)]), name="the gradients")
    require(seen["there"], "a gradient has left the device")
    at_most(seen["peak"], 3 * seen["bytes"] + 2**20, name="memory of a step")
