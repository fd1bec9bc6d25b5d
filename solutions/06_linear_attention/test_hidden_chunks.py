"""Hidden checks of part 6: chunks are few operations, few FLOPs and little memory, all at once.

Right or wrong, something has to be mixed: doing nothing while it is counted earns nothing.
"""

import probes
import pytest
import torch
from manners import counted, mixture

from grader.checks import at_most, check

CAUSAL = "causal_linear_attention"
N, D, E, C = 1024, 16, 16, 64
FLOPS = 2 * N * (C * D + C * E + 2 * D * E)  # scores, their product with v, what is read from S, what is added to it
TENSOR = 4 * N * D  # bytes of q in float32

pytestmark = pytest.mark.limits(seconds=30)  # a loop over 1024 tokens, counted, takes two on an idle machine


@pytest.fixture
def count(candidate, qkv):
    """Count one thing in a long run of the causal form, after a short one has shown that something is mixed."""

    def one(which):
        q, k, v = qkv(24)
        mixture(lambda q, v: candidate.run(probes.value, CAUSAL, q, k, v, chunk_size=8), q, v)
        return counted(candidate, which, CAUSAL, *qkv(N, B=1, H=1, D=D, E=E, dtype=torch.float32), chunk_size=C)

    return one


@check("chunks", points=2)
def test_chunk_flops(count):
    """In chunks of 64, 1024 tokens take no more FLOPs than scores within chunks and one state for each."""
    at_most(count("flops"), 1.1 * FLOPS)


@check("chunks", points=2)
def test_chunk_operations(count):
    """The tokens of a chunk are worked on together: there are no more operations of torch than tokens."""
    at_most(count("operations"), N, name="operations of torch")


@check("chunks", points=2)
def test_chunk_largest(count):
    """No tensor is larger than eight times q."""
    at_most(count("largest_bytes"), 8 * TENSOR, name="the largest tensor")


@check("chunks", points=2)
def test_chunk_peak(count, candidate):
    """All tensors together are never larger than 24 times q."""
    at_most(count("peak_bytes"), 24 * TENSOR, name="memory", measured=candidate.used)
