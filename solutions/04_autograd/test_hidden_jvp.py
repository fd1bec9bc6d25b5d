"""Hidden checks of part 6: forwards, by going backwards twice."""

import oracles
import probes
import torch
from manners import ROUGH

from grader.checks import assert_close, check


@check("jvp", points=1)
def test_jvp(candidate, draw):
    """Value and product are right, for tensors of any shape, also where gradients are off."""
    for probe, x_shape, y_shape in (
        (probes.product, (3,), (5,)),
        (probes.product, (2, 2), (2, 2)),
        (probes.product_without_gradients, (), (4,)),
    ):
        x, u = draw(*x_shape), draw(*x_shape)
        A = draw(torch.Size(y_shape).numel(), x.numel())
        expected = [oracles.wave(x, A, y_shape), oracles.pushed(x, u, A, y_shape)]
        assert_close(candidate.run(probe, "jvp", x, u, A, list(y_shape)), expected, **ROUGH)


@check("jvp", points=0.5)
def test_jvp_of_a_constant(candidate, draw):
    """Numbers that do not depend on x do not move."""
    x, u = draw(3), draw(3)
    ones, zero = torch.ones(3, dtype=torch.float64), torch.tensor(0.0, dtype=torch.float64)
    expected = [[ones, 0 * ones], [torch.stack([x[0], 3 * x[0], ones[0]]), torch.stack([zero, 3 * u[0], zero])]]
    assert_close(candidate.run(probes.product_of_a_constant, "jvp", x, u), expected, **ROUGH)


@check("jvp", points=0.5, after=test_jvp)
def test_jvp_refuses(candidate, draw):
    """A u whose shape is not that of x is refused."""
    x, A = draw(3), draw(4, 3)
    candidate.raises(ValueError, probes.mismatched, "jvp", x, draw(4), A)
    candidate.raises(ValueError, probes.mismatched, "jvp", x, draw(1), A)
