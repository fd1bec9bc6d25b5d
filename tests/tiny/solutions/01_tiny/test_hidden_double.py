"""Hidden checks of part 1."""

import probes
import pytest
import torch

from grader.checks import check


@check("double", points=40)
def test_values(same, rng):
    """Twice the input."""
    same("double", torch.randn(4, 3, generator=rng, dtype=torch.float64))


@pytest.mark.careless("dtype")
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64], ids=["float32", "int64"])
@check("double", points=20, after=test_values)
def test_keeps_dtype(same, rng, dtype):
    """The answer has the dtype of the input."""
    same(probes.doubled, x=torch.randint(-9, 10, (5,), generator=rng).to(dtype))
