"""How the hidden checks of this assignment draw their inputs."""

import pytest
import torch

from grader.probing import metered

# The first count imports a good deal: once here, where checks are collected, and not in every fork.
with metered():
    torch.zeros(1) @ torch.zeros(1)


@pytest.fixture
def draw(rng):
    """Draw a tensor from the normal distribution."""

    def tensor(*shape, dtype=torch.float64):
        return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)

    return tensor


@pytest.fixture
def positive(rng):
    """Draw numbers between 1/2 and 3/2: far from 0, where a logarithm or a quotient is far from everything."""

    def tensor(*shape):
        return 0.5 + torch.rand(shape, generator=rng, dtype=torch.float64)

    return tensor


@pytest.fixture
def seeds(rng):
    """Draw seeds for what a probe makes itself."""

    def several(n):
        return torch.randint(2**31, (n,), generator=rng).tolist()

    return several
