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
def qkv(draw):
    """Draw q, k and v for N queries and M keys (N, if not given) in B x H attentions."""

    def tensors(N, M=None, *, B=2, H=3, D=4, E=5, dtype=torch.float64):
        M = N if M is None else M
        return [draw(B, H, *shape, dtype=dtype) for shape in ((N, D), (M, D), (M, E))]

    return tensors


@pytest.fixture
def mask(rng):
    """Draw a key mask in which every row keeps at least one key, and drops at least one."""

    def rows(B, M):
        keep = torch.rand(B, M, generator=rng) < 0.6
        keep[:, -1], keep[:, 0] = True, False
        return keep.gather(1, torch.rand(B, M, generator=rng).argsort(1))

    return rows
