"""Hidden checks of part 3: what backward computes."""

import oracles
import probes
import pytest
import torch
from manners import ROUGH, hold, polite

from grader.checks import assert_close, at_most, check, require

SHAPES = [((2, 2), (2, 3)), ((), (4,))]  # of x and of the value


@pytest.fixture
def case(draw):
    """Draw x and the matrix of a function whose value has a shape."""

    def drawn(x_shape, y_shape):
        x = draw(*x_shape)
        return x, draw(torch.Size(y_shape).numel(), x.numel())

    return drawn


# ---- vjp -------------------------------------------------------------------------------------------------------


@check("vjp", points=5)
def test_vjp(candidate, draw, case):
    """Value and product are right, for tensors of any shape and whatever is in v."""
    for x_shape, y_shape in (((3,), (5,)), *SHAPES):
        (x, A), v, shape = case(x_shape, y_shape), draw(*y_shape), list(y_shape)
        answer = candidate.run(probes.product, "vjp", x, v, A, shape)
        assert_close(answer, [oracles.wave(x, A, shape), oracles.pulled(x, v, A, shape)], **ROUGH)


@check("vjp", points=1)
def test_vjp_of_a_constant(candidate, draw):
    """Where the function does not depend on x, or only in part, the product has zeros."""
    x, v = draw(3), draw(3)
    zeros, ones = torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    part = torch.stack([x[0], 3 * x[0], ones[0]])
    expected = [[ones, zeros], [part, torch.stack([3 * v[1], zeros[0], zeros[0]])]]
    assert_close(candidate.run(probes.product_of_a_constant, "vjp", x, v), expected, **ROUGH)


@check("vjp", points=1, after=test_vjp)
def test_vjp_refuses(candidate, draw):
    """A v whose shape is not that of the value is refused, also one that could be broadcast."""
    x, A = draw(3), draw(4, 3)
    candidate.raises(ValueError, probes.mismatched, "vjp", x, draw(3), A)
    candidate.raises(ValueError, probes.mismatched, "vjp", x, draw(1), A)


# ---- jacobian --------------------------------------------------------------------------------------------------


@check("vjp", points=4)
def test_jacobian(candidate, case):
    """The Jacobian of a vector with respect to a vector has a row for each output."""
    for sizes in (((3,), (5,)), ((4,), (4,))):
        x, A = case(*sizes)
        assert_close(candidate.run(probes.of_wave, x, A, list(sizes[1])), oracles.of_wave(x, A, sizes[1]), **ROUGH)


@check("vjp", points=2)
def test_jacobian_shapes(candidate, case):
    """The axes of the value come first and those of x after them, for matrices and for an x without axes."""
    for x_shape, y_shape in SHAPES:
        x, A = case(x_shape, y_shape)
        assert_close(candidate.run(probes.of_wave, x, A, list(y_shape)), oracles.of_wave(x, A, y_shape), **ROUGH)


@check("vjp", points=1)
def test_jacobian_of_constants(candidate, draw):
    """Numbers that do not depend on x have rows of zeros."""
    x, expected = draw(3), torch.zeros(3, 3, dtype=torch.float64)
    partly = expected.clone()
    partly[1, 1] = 3
    assert_close(candidate.run(probes.of_constants, x), [expected, partly], **ROUGH)


@check("vjp", points=2)
def test_passes(candidate, draw):
    """The function is called once, and gone backward through once for each number of its value at most."""
    x, A = draw(6), draw(4, 6)
    calls, backwards = candidate.run(probes.passes, x, A)
    require(calls == 1, "the function is called more than once, or not at all")
    require(backwards > 0, "the function's graph is not gone backward through")
    at_most(backwards, 4, name="backward passes")


# ---- both ------------------------------------------------------------------------------------------------------


@check("vjp", points=1)
def test_products_with_gradients_off(candidate, case):
    """Both work where the caller has switched gradients off."""
    (x, A), v = case((1,), (1,)), torch.ones(1, dtype=torch.float64)  # where most mistakes in numbers do not show
    answer = candidate.run(probes.product_without_gradients, "vjp", x, v, A, [1])
    assert_close(answer, [oracles.wave(x, A, [1]), oracles.pulled(x, v, A, [1])], **ROUGH)
    answer = candidate.run(probes.of_wave_without_gradients, x, A, [1])
    assert_close(answer, oracles.of_wave(x, A, [1]), **ROUGH)


@check("vjp", points=1)
def test_products_leave_no_trace(candidate, draw):
    """Both leave x and other tensors without a gradient, and answer without a graph."""
    x, v, w = draw(1), torch.ones(1, dtype=torch.float64), draw(1)
    ((y, g), J), traces, graphs = candidate.run(probes.product_afterwards, x, v, w)
    assert_close([y, g, J], [x * w, w, w[:, None]], **ROUGH)
    hold([traces[0] is False, *traces[1:]], "x requires a gradient, or x or another tensor has got one")
    hold([graph is False for graph in graphs], "an answer still has a graph")


@pytest.mark.careless("dtype", "inputs")
@check("vjp", points=2)
def test_vjp_manners(candidate, draw):
    """Answers are in the dtype of x, and inputs are as they were."""
    for dtype in (torch.float32, torch.float64):
        x, v, A = draw(1, dtype=dtype), torch.ones(1, dtype=dtype), draw(1, 1, dtype=dtype)
        *answer, x_after, v_after = candidate.run(probes.vjp_as_it_is, x, v, A)
        polite(answer, [oracles.wave(x, A, [1]), oracles.pulled(x, v, A, [1])], [x, v], [x_after, v_after])
        J, after = candidate.run(probes.jacobian_as_it_is, x, A)
        polite(J, oracles.of_wave(x, A, [1]), [x], [after])
