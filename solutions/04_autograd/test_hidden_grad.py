"""Hidden checks of part 2: a gradient without a trace."""

import probes
import pytest
import torch
from manners import ROUGH, hold, polite

from grader.checks import assert_close, check, require


def wave(x, A):
    """The sum of sin^2 of A x, and its gradient by hand."""
    z = A @ x.reshape(-1)
    return [z.sin().square().sum(), (A.T @ (2 * z).sin()).reshape(x.shape)]


@check("grad", points=5)
def test_value_and_grad(candidate, draw):
    """Value and gradient are right, for tensors of any shape."""
    for shape in ((4,), (2, 3), ()):
        x = draw(*shape)
        A = draw(5, x.numel())
        assert_close(candidate.run(probes.scalar, x, A), wave(x, A), **ROUGH)


@check("grad", points=2)
def test_unused(candidate, draw):
    """Where the function does not depend on x the gradient is zeros."""
    x, w = draw(3), draw(4)
    values = w.sum(), x.square().sum(), w.square().sum()
    answer = candidate.run(probes.unused, x, w)
    assert_close(answer, [[y, torch.zeros(3, dtype=torch.float64)] for y in values], **ROUGH)


@check("grad", points=2)
def test_gradients_off(candidate, draw):
    """It works where the caller has switched gradients off."""
    x, A = draw(4), draw(5, 4)
    assert_close(candidate.run(probes.without_gradients, x, A), wave(x, A), **ROUGH)


@check("grad", points=2, after=test_value_and_grad)
def test_x_is_left_alone(candidate, draw):
    """x requires a gradient if it did before, and its .grad is as it was."""
    x, grad = draw(3), draw(3)
    plain, leaf = candidate.run(probes.x_afterwards, x, grad)
    require(plain[0] is False and plain[1] is None, "x was data, and now requires a gradient or has one")
    require(leaf[0] is True and leaf[2] is True, "x was a leaf in training, and now is none")
    assert_close(leaf[1], grad, name="the gradient that x had before")


@check("grad", points=1)
def test_others_are_left_alone(candidate, draw):
    """Another tensor that the function uses gets no gradient."""
    x, w = draw(3), draw(3)
    answer, grad = candidate.run(probes.others_afterwards, x, w)
    assert_close(answer, [(x * w).sin().sum(), (x * w).cos() * w], **ROUGH)
    require(grad is None, "the .grad of another tensor was filled")


@check("grad", points=1)
def test_no_graph(candidate, draw):
    """Neither the value nor the gradient has a graph."""
    x, A = draw(3), draw(4, 3)
    answer, *graphs = candidate.run(probes.attached, x, A)
    assert_close(answer, wave(x, A), **ROUGH)
    hold([graph is False for graph in graphs], "the value or the gradient still has a graph")


@check("grad", points=1, after=test_value_and_grad)
def test_scalars_only(candidate, draw):
    """The gradient of a vector is refused."""
    candidate.raises(ValueError, probes.vector_and_grad, draw(3))


@pytest.mark.careless("dtype", "inputs")
@check("grad", points=1)
def test_grad_manners(candidate, draw):
    """Value and gradient are in the dtype of x, and the numbers in x are as they were."""
    for dtype in (torch.float32, torch.float64):
        x, A = draw(3, dtype=dtype), draw(4, 3, dtype=dtype)
        *answer, after = candidate.run(probes.scalar_as_it_is, x, A)
        polite(answer, wave(x, A), [x], [after])
