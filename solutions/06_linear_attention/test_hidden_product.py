"""Hidden checks of part 1: attention with a softmax, and the product without one in either order."""

import probes
import pytest
import torch
from manners import ROUGH, counted, mixture, polite
from torch.nn.functional import scaled_dot_product_attention

from grader.checks import assert_close, at_most, check

LONG, WIDE = {"N": 256, "D": 16, "E": 16}, {"N": 8, "D": 64, "E": 64}
LEFT = ({"N": 2, "M": 64, "D": 16, "E": 16}, {"N": 64, "M": 2, "D": 16, "E": 16})  # one of four terms decides each
RIGHT = ({"N": 16, "D": 64, "E": 2}, {"N": 16, "D": 2, "E": 64})


# ---- softmax_attention: where masks are looked at D is 1, and with it the scale ----------------------------------


@check("product", points=2)
def test_softmax(candidate, qkv):
    """With a softmax, the weights are those of scaled dot-product attention."""
    q, k, v = qkv(7, 9)
    answer = candidate.run(probes.value, "softmax_attention", q, k, v)
    assert_close(answer, scaled_dot_product_attention(q, k, v), **ROUGH)


@check("product", points=2)
def test_softmax_causal(candidate, qkv):
    """A causal query sees its own key and those before it, and no other."""
    q, k, v = qkv(8, D=1)
    answer = candidate.run(probes.value, "softmax_attention", q, k, v, causal=True)
    assert_close(answer, scaled_dot_product_attention(q, k, v, is_causal=True), **ROUGH)


@check("product", points=2)
def test_softmax_mask(candidate, qkv, mask):
    """Keys where the mask is False are left out, and the weights of the others add up to 1."""
    (q, k, v), keep = qkv(5, 9, D=1), mask(2, 9)
    answer = candidate.run(probes.value, "softmax_attention", q, k, v, key_mask=keep)
    assert_close(answer, scaled_dot_product_attention(q, k, v, attn_mask=keep[:, None, None, :]), **ROUGH)


@check("product", points=1)
def test_softmax_nothing_to_see(candidate, qkv):
    """A query that may see no key gets zeros, and the others are none the worse."""
    (q, k, v), keep = qkv(6, D=1), torch.ones(2, 6, dtype=torch.bool)
    keep[0], keep[1, :2] = False, False
    visible = keep[:, None, None, :] & torch.ones(6, 6, dtype=torch.bool).tril()
    answer = candidate.run(probes.value, "softmax_attention", q, k, v, causal=True, key_mask=keep)
    assert_close(answer, scaled_dot_product_attention(q, k, v, attn_mask=visible), **ROUGH)


# ---- product_attention -----------------------------------------------------------------------------------------


@check("product", points=2)
@pytest.mark.parametrize("order", ["left", "right", "auto"])
def test_product(candidate, qkv, order):
    """Without the softmax the answer is the product of the three, in whichever order."""
    q, k, v = qkv(6, 8)
    answer = candidate.run(probes.value, "product_attention", q, k, v, order)
    assert_close(answer, (q @ k.mT) @ v, rtol=1e-4, atol=1e-4)  # large terms cancel


@check("product", points=2)
def test_auto_wide(candidate, qkv):
    """For 8 tokens of 64 features "auto" takes the order that needs fewer FLOPs; so, too, where N is not M."""
    _cheapest(candidate, *qkv(**WIDE, B=1, H=2), order="auto")
    for sizes in LEFT:
        _few_flops(candidate, *qkv(**sizes, B=1, H=2), order="auto")


@check("product", points=1)
def test_auto_long(candidate, qkv):
    """For 256 tokens of 16 features "auto" takes the order that needs fewer FLOPs; so, too, where D is not E."""
    _cheapest(candidate, *qkv(**LONG, B=1, H=2), order="auto")
    for sizes in RIGHT:
        _few_flops(candidate, *qkv(**sizes, B=1, H=2), order="auto")


@check("product", points=1)
def test_orders(candidate, qkv):
    """The orders "left" and "right" are what they say."""
    for order, sizes in (("right", LONG), ("left", WIDE)):
        _cheapest(candidate, *qkv(**sizes, B=1, H=2), order=order)


def _cheapest(candidate, q, k, v, *, order):
    mixture(lambda q, v: candidate.run(probes.value, "product_attention", q, k, v, order), q, v)
    _few_flops(candidate, q, k, v, order=order)


def _few_flops(candidate, q, k, v, *, order):
    (N, D), (M, E) = q.shape[-2:], v.shape[-2:]
    flops = counted(candidate, "flops", "product_attention", q, k, v, order)
    at_most(flops, 2 * q.shape[:2].numel() * min(N * M * (D + E), D * E * (M + N)))


# ---- both ------------------------------------------------------------------------------------------------------


@check("product", points=1, after=test_product)
def test_product_refuses(candidate, qkv):
    """Another order, and shapes that do not fit, are refused."""
    q, k, v = qkv(4, 6)
    candidate.raises(ValueError, "product_attention", q, k, v, order="middle")
    candidate.raises(ValueError, "product_attention", q, k[..., 1:], v)
    candidate.raises(ValueError, "product_attention", q, k, v[:, :, 1:])
    candidate.raises(ValueError, "softmax_attention", q, k, v, causal=True)


@pytest.mark.careless("dtype", "inputs")
@check("product", points=1)
def test_product_manners(candidate, reference, qkv, mask):
    """Both answer in q's dtype and to its precision, and leave their inputs alone."""
    for dtype in (torch.float32, torch.float64):
        polite(candidate, reference, "softmax_attention", *qkv(5, 7, dtype=dtype), key_mask=mask(2, 7))
        polite(candidate, reference, "product_attention", *qkv(5, 7, dtype=dtype))
