"""Hidden checks of part 3: two softmaxes instead of one."""

import explicit
import probes
import pytest
import torch
from manners import ROUGH, largest_tensors, mixture, polite

from grader.checks import assert_close, check, grows, require

EFFICIENT = "efficient_attention"


@check("efficient", points=4)
def test_efficient(candidate, qkv):
    """The answer is that of the explicit matrix of weights."""
    q, k, v = qkv(7, 9)
    assert_close(candidate.run(probes.value, EFFICIENT, q, k, v), explicit.efficient(q, k, v), **ROUGH)


@check("efficient", points=3)
def test_efficient_same_value(candidate, qkv, draw):
    """Where all keys have the same value, every query gets that value."""
    q, k, v = qkv(6, 9)
    mixture(lambda q, v: candidate.run(probes.value, EFFICIENT, q, k, v), q, v)
    value = (2 + draw(5).abs()).expand_as(v).contiguous()
    answer = candidate.run(probes.value, EFFICIENT, q, k, value)
    right = torch.allclose(answer, value[:, :, :6], rtol=1e-5)
    require(right, "where all keys have the same value, something else than that value comes out")


@check("efficient", points=4)
def test_efficient_mask(candidate, qkv, mask):
    """A key where the mask is False might as well not be there."""
    (q, k, v), keep = qkv(5, 9), mask(2, 9)
    answer = mixture(lambda q, v: candidate.run(probes.value, EFFICIENT, q, k, v, key_mask=keep), q, v)
    for b in range(2):
        left = [q[b : b + 1], k[b : b + 1, :, keep[b]], v[b : b + 1, :, keep[b]]]
        alone = candidate.run(probes.value, EFFICIENT, *left)
        assert_close(answer[b : b + 1], alone, name="the answer with some keys masked", **ROUGH)


@check("efficient", points=4)
def test_large_logits(candidate, qkv):
    """Large queries and keys make sharp weights, and no NaN."""
    q, k, v = qkv(5, 9)
    q[0, 0, 0] *= 1000
    k[1, 2] *= 1000
    mixture(lambda q, v: candidate.run(probes.value, EFFICIENT, q, k, v), q, v)


@check("efficient", points=1, after=test_efficient_mask)
def test_efficient_mask_of_all(candidate, qkv, mask):
    """A mask that keeps no key of an entry of the batch is refused."""
    keep = mask(2, 9)
    keep[1] = False
    candidate.raises(ValueError, EFFICIENT, *qkv(5, 9), key_mask=keep)


@check("efficient", points=3)
def test_efficient_linear_memory(candidate, qkv):
    """The largest tensor grows with the number of tokens, not with its square."""
    sizes = (128, 256, 512)
    grows(sizes, largest_tensors(candidate, EFFICIENT, qkv, sizes), name="largest tensor")


@pytest.mark.careless("dtype", "inputs")
@check("efficient", points=1)
def test_efficient_manners(candidate, reference, qkv, mask):
    """The answer is in q's dtype and to its precision, and the inputs are left alone."""
    for dtype in (torch.float32, torch.float64):
        polite(candidate, reference, EFFICIENT, *qkv(5, 7, dtype=dtype), key_mask=mask(2, 7))
