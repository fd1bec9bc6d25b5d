"""Hidden checks of part 10: the loss of part 4 on a GPU. With `--pretend-gpu cpu` they run on the CPU."""

import probes
import pytest
import torch
from torch.nn.functional import cross_entropy

from grader.checks import assert_close, check, require

CLASSES = 4000


@pytest.fixture
def halves(draw, rng):
    """Logits in bfloat16, and targets; loss and gradient in float64."""
    logits, target = (0.5 * draw(100, CLASSES)).to(torch.bfloat16), torch.randint(CLASSES, (100,), generator=rng)
    leaf = logits.double().requires_grad_()
    loss = cross_entropy(leaf, target)
    loss.backward()
    return logits, target, loss.detach(), leaf.grad


@pytest.mark.careless("dtype")
@check("gpu", points=2)
@pytest.mark.gpu(count=1, memory="2GB", shared=True)
def test_gpu_loss(candidate, halves):
    """In bfloat16 on the GPU the loss stays there, and is right to the precision of bfloat16."""
    logits, target, loss, _ = halves
    answer, _, there = candidate.run(probes.loss_where_it_is, logits, target)
    require(there, "the loss or its gradient is not on the device on which the logits are")
    assert_close(answer, loss.to(torch.bfloat16), name="the loss")


@check("gpu", points=2)
@pytest.mark.gpu(count=1, memory="2GB", shared=True)
def test_gpu_gradient(candidate, halves):
    """In bfloat16 on the GPU the gradient is right to the precision of bfloat16."""
    logits, target, _, grad = halves
    _, answer, _ = candidate.run(probes.loss_where_it_is, logits, target)
    assert_close(answer, grad.to(torch.bfloat16), name="the gradient")
