"""Hidden checks of part 2."""

import probes
import pytest
import torch

from grader.checks import check


@pytest.mark.careless("dtype")
@check("scale", points=30)
def test_scale_values(same, rng):
    """The factor times the input."""
    factor = 1.5 + torch.rand((), generator=rng).item()
    same(probes.scaled, factor=factor, x=torch.randn(6, generator=rng, dtype=torch.float64))


@check("scale", points=10, after=test_scale_values)
def test_refuses_a_negative_factor(candidate):
    """A negative factor is refused."""
    candidate.raises(ValueError, probes.scaler, factor=-2.0)
