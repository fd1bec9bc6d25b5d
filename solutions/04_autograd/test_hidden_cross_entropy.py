"""Hidden checks of part 4: a backward pass of one's own."""

import probes
import pytest
import torch
from manners import ROUGH, polite
from torch.nn.functional import cross_entropy

from grader.checks import assert_close, at_most, check, require

LOSS = "softmax_cross_entropy"


@pytest.fixture
def case(draw, rng):
    """Draw logits and targets; some rows are ignored where it is said by which number."""

    def drawn(N, C, *, ignored=None, dtype=torch.float64):
        target = torch.randint(C, (N,), generator=rng)
        if ignored is not None:
            target[torch.randperm(N, generator=rng)[: N // 3]] = ignored
        return draw(N, C, dtype=dtype), target

    return drawn


def something(grad):
    """Demand a gradient that could be one: other checks look at its numbers."""
    require(bool(grad.isfinite().all()) and bool(grad.any()), "a gradient is not finite, or 0 everywhere")
    return grad


@check("cross_entropy", points=4)
def test_loss(candidate, case):
    """The loss is the mean over the rows of minus the logarithm of the target's probability."""
    for sizes in ((7, 5), (1, 3), (4, 1)):
        logits, target = case(*sizes)
        assert_close(candidate.run(probes.value, LOSS, logits, target), cross_entropy(logits, target), **ROUGH)


@check("cross_entropy", points=4)
def test_loss_gradient(candidate, case):
    """The gradient with respect to the logits is right."""
    for sizes in ((7, 5), (1, 3)):
        logits, target = case(*sizes)
        leaf = logits.clone().requires_grad_()
        (expected,) = torch.autograd.grad(cross_entropy(leaf, target), leaf)
        assert_close(candidate.run(probes.loss_gradient, logits, target), expected, **ROUGH)


@check("cross_entropy", points=3)
def test_multiple_of_the_loss(candidate, case):
    """The gradient of 3.7 times the loss is 3.7 times the gradient."""
    logits, target = case(6, 4)
    once, more = (candidate.run(probes.loss_gradient, logits, target, scale=scale) for scale in (1.0, 3.7))
    something(once)
    assert_close(more, 3.7 * once, name="the gradient of 3.7 times the loss", **ROUGH)


@check("cross_entropy", points=3)
def test_large_logits(candidate, case):
    """Logits in the thousands give a finite loss and a finite gradient, as the same ones near 0 do."""
    logits, target = case(4, 4)
    for distance in (2000, -2000):
        loss, grad = candidate.run(probes.loss_and_gradient, logits, target)
        far = logits.clone()
        far[1:] += distance  # a row may be moved as a whole, and its probabilities are what they were
        loss_there, grad_there = candidate.run(probes.loss_and_gradient, far, target)
        something(grad)
        assert_close([loss_there, grad_there], [loss, grad], name="[loss, gradient] far from 0", **ROUGH)


@check("cross_entropy", points=2)
def test_ignored_rows(candidate, case):
    """Rows to be ignored count neither in the sum nor in the number of rows, whichever number marks them."""
    for ignored in (-100, 1):
        logits, target = case(9, 4, ignored=ignored)
        kept = target != ignored
        loss = candidate.run(probes.value, LOSS, logits, target, ignore_index=ignored)
        alone, other = (candidate.run(probes.value, LOSS, n * logits[kept], target[kept]) for n in (1, 2))
        require(bool(alone.isfinite()) and not torch.equal(alone, other), "the loss does not depend on the logits")
        assert_close(loss, alone, name="the loss, against that of the other rows alone", **ROUGH)


@check("cross_entropy", points=2)
def test_gradient_of_ignored_rows(candidate, case):
    """Rows to be ignored have a gradient of zeros, and the others the one that they have without them."""
    for ignored in (-100, 1):
        logits, target = case(9, 4, ignored=ignored)
        kept = target != ignored
        grad = candidate.run(probes.loss_gradient, logits, target, ignore_index=ignored)
        expected = torch.zeros_like(logits)
        expected[kept] = something(candidate.run(probes.loss_gradient, logits[kept], target[kept]))
        assert_close(grad, expected, **ROUGH)


@check("cross_entropy", points=1)
def test_all_ignored(candidate, case):
    """Where all rows are ignored, loss and gradient are 0."""
    logits, target = case(4, 3)
    usual, _ = candidate.run(probes.loss_and_gradient, logits, target)
    require(bool(usual.isfinite()), "the loss is not finite where no row is ignored")
    answer = candidate.run(probes.loss_and_gradient, logits, torch.full((4,), -100))
    assert_close(answer, [torch.tensor(0.0, dtype=torch.float64), torch.zeros_like(logits)], name="[loss, gradient]")


@check("cross_entropy", points=2)
def test_backward_twice(candidate, case):
    """Two backward passes through one graph give the same gradient."""
    first, second = candidate.run(probes.loss_gradient_twice, *case(6, 4))
    assert_close(second, something(first), name="the second gradient", **ROUGH)


@check("cross_entropy", points=1)
def test_saved(candidate, case):
    """About as much is kept for backward as the logits take."""
    logits, target = case(64, 50)
    saved = candidate.run(probes.saved_by_the_loss, logits, target)
    at_most(saved, 1.2 * 64 * 50 * 8, name="saved bytes")
    require(saved >= 64 * 50 * 8, "less is kept than the logits take: what does backward read, and where is it kept?")


@check("cross_entropy", points=1)
def test_own_function(candidate, case):
    """The backward pass is that of one's own Function, on whose ctx no tensor hangs."""
    own, hanging = candidate.run(probes.nodes_of_the_loss, *case(5, 4))
    require(own > 0, "the graph of the loss has no Function of one's own in it")
    require(hanging == 0, "a tensor is an attribute of ctx, where nothing counts it")


@check("cross_entropy", points=1)
def test_second_derivative(candidate, case, draw):
    """A second derivative is refused with an error, or right."""
    (logits, target), u, weight = case(5, 4), draw(5, 4), draw()
    answer = candidate.run(probes.second_derivative, logits, target, u, weight)
    if answer:
        leaf = logits.clone().requires_grad_()
        (grad,) = torch.autograd.grad(weight * cross_entropy(leaf, target), leaf, create_graph=True)
        (second,) = torch.autograd.grad((grad * u).sum(), leaf)
        assert_close(answer, [second], name="the second derivative", **ROUGH)


@pytest.mark.careless("dtype", "inputs")
@check("cross_entropy", points=1)
def test_cross_entropy_manners(candidate, case):
    """The loss is in the dtype of the logits and to its precision, and inputs are as they were."""
    for dtype in (torch.float32, torch.float64):
        logits, target = case(1, 4, dtype=dtype)
        answer, after = candidate.run(probes.with_inputs, LOSS, logits, target)
        polite(answer, cross_entropy(logits, target), [logits, target], after)
