"""Hidden checks of part 2: linear attention with a feature map.

Proportions, and what the weights add up to, are looked at apart. What has nothing to do with phi is tried with "relu".
"""

import explicit
import probes
import pytest
import torch
from manners import ROUGH, largest_tensors, mixture, polite, proportions, with_ones

from grader.checks import assert_close, check, grows, require

LINEAR = "linear_attention"


def in_proportion(candidate, q, k, v, phi="elu1"):
    """Demand that values are mixed in the right proportions."""
    v = with_ones(v)
    answer = candidate.run(probes.value, LINEAR, q, k, v, feature_map=phi)
    expected = explicit.linear(q, k, v, phi)
    assert_close(proportions(answer), proportions(expected), name="the proportion of values", **ROUGH)


# ---- proportions -----------------------------------------------------------------------------------------------


@check("kernel", points=2)
def test_elu1_proportions(candidate, qkv):
    """With elu(x) + 1 the values are mixed in the right proportions."""
    in_proportion(candidate, *qkv(7, 9))


@check("kernel", points=2)
def test_relu(candidate, qkv):
    """With "relu" the values are mixed in the right proportions."""
    in_proportion(candidate, *qkv(8, 7), "relu")


@check("kernel", points=3)
def test_taylor1(candidate, qkv):
    """With "taylor1" the weight of a key is 1 + the cosine, whatever the lengths, also of a key of zeros."""
    q, k, v = qkv(7, 9)
    in_proportion(candidate, 3 * q, k / 2, v, "taylor1")
    k[:, :, 4] = 0
    in_proportion(candidate, q, k, v, "taylor1")


@check("kernel", points=1)
def test_own_feature_map(candidate, reference, qkv):
    """The feature map may be a function, and may make more features than there were."""
    q, k, v = qkv(5, 6)
    answers = [who.run(probes.own_feature_map, q, k, with_ones(v)) for who in (candidate, reference)]
    assert_close(*map(proportions, answers), name="the proportion of values", **ROUGH)


@check("kernel", points=1)
def test_order_of_keys(candidate, qkv, rng):
    """The order of the keys does not matter."""
    (q, k, v), order = qkv(5, 9), torch.randperm(9, generator=rng)
    first = mixture(lambda q, v: candidate.run(probes.value, LINEAR, q, k, v), q, v)
    assert_close(candidate.run(probes.value, LINEAR, q, k[:, :, order], v[:, :, order]), first, **ROUGH)


# ---- what the weights add up to ----------------------------------------------------------------------------------


@check("kernel", points=2)
def test_elu1(candidate, qkv):
    """With elu(x) + 1 the answer is that of the explicit matrix of weights."""
    q, k, v = qkv(7, 9)
    assert_close(candidate.run(probes.value, LINEAR, q, k, v), explicit.linear(q, k, v), **ROUGH)


def one_value_for_all(candidate, qkv, draw, phi):
    """Demand one row of values back, where all keys have that row."""
    q, k, v = qkv(6, 8)
    k[:, :, 4:] = -k[:, :, :4]  # cosines that add up to 0 are no weights
    mixture(lambda q, v: candidate.run(probes.value, LINEAR, q, k, v, feature_map=phi), q, v)
    value = (2 + draw(5).abs()).expand_as(v).contiguous()
    answer = candidate.run(probes.value, LINEAR, q, k, value, feature_map=phi)
    right = torch.allclose(answer, value[:, :, :6], rtol=1e-5)
    require(right, "where all keys have the same value, something else than that value comes out")


@check("kernel", points=2)
def test_same_value(candidate, qkv, draw):
    """Where all keys have the same value, every query gets that value."""
    one_value_for_all(candidate, qkv, draw, "elu1")


@check("kernel", points=1)
def test_same_value_taylor1(candidate, qkv, draw):
    """With "taylor1" every query gets that value, too."""  # with "relu" a query may find no key active, and gets 0
    one_value_for_all(candidate, qkv, draw, "taylor1")


@check("kernel", points=2)
def test_between_values(candidate, qkv, draw):
    """No answer is beyond the largest or the smallest value."""
    q, k, v = qkv(40, 6)
    v = 3 * draw(1).abs() + 2 + v.sigmoid()
    answer = mixture(lambda q, v: candidate.run(probes.value, LINEAR, q, k, v), q, v)
    low, high = v.amin(-2, keepdim=True) - 1e-4, v.amax(-2, keepdim=True) + 1e-4
    require(bool(((answer > low) & (answer < high)).all()), "an answer is beyond all of the values: it is no mixture")


@check("kernel", points=1)
def test_eps(candidate, qkv, draw):
    """eps is added to the sum of the weights, and where no key is active the answer is 0."""
    (q, k, v), eps = qkv(5, 6), 1 + draw(1).abs().item()
    q[0, 0, 0] = -q[0, 0, 0].abs()
    answer = candidate.run(probes.value, LINEAR, q, k, v, feature_map="relu", eps=eps)
    assert_close(answer, explicit.linear(q, k, v, "relu", eps=eps), **ROUGH)


# ---- masks -----------------------------------------------------------------------------------------------------


def as_if_absent(candidate, q, k, v, keep, phi):
    """Demand of a masked call what comes of a call without the masked keys."""
    answer = mixture(lambda q, v: candidate.run(probes.value, LINEAR, q, k, v, feature_map=phi, key_mask=keep), q, v)
    for b in range(len(keep)):
        left = [q[b : b + 1], k[b : b + 1, :, keep[b]], v[b : b + 1, :, keep[b]]]
        alone = candidate.run(probes.value, LINEAR, *left, feature_map=phi)
        assert_close(answer[b : b + 1], alone, name="the answer with some keys masked", **ROUGH)


@check("kernel", points=2)
def test_mask(candidate, qkv, mask):
    """A key where the mask is False might as well not be there."""
    as_if_absent(candidate, *qkv(5, 9), mask(2, 9), "elu1")


@check("kernel", points=1)
def test_mask_taylor1(candidate, qkv, mask):
    """With "taylor1" a masked key might as well not be there, too."""
    as_if_absent(candidate, *qkv(5, 9), mask(2, 9), "taylor1")


@check("kernel", points=1)
def test_mask_of_all(candidate, qkv, mask):
    """Where no key is kept the answer is 0, exactly."""
    (q, k, v), keep = qkv(5, 9), mask(2, 9)
    keep[0] = False
    answer = mixture(lambda q, v: candidate.run(probes.value, LINEAR, q, k, v, key_mask=keep), q, v)
    require(bool((answer[0] == 0).all()), "where no key is kept the answer is not 0")


# ---- and the rest ----------------------------------------------------------------------------------------------


@check("kernel", points=1, after=test_order_of_keys)
def test_unknown_feature_map(candidate, qkv):
    """A name that is no feature map is refused."""
    candidate.raises(ValueError, LINEAR, *qkv(3), feature_map="elu")


@check("kernel", points=2)
def test_linear_memory(candidate, qkv):
    """The largest tensor grows with the number of tokens, not with its square."""
    sizes = (128, 256, 512)
    grows(sizes, largest_tensors(candidate, LINEAR, qkv, sizes), name="largest tensor")


@pytest.mark.careless("dtype", "inputs")
@check("kernel", points=1)
def test_kernel_manners(candidate, reference, qkv, mask):
    """The answer is in q's dtype and to its precision, and the inputs are left alone."""
    for dtype in (torch.float32, torch.float64):
        tensors, keep = qkv(5, 7, dtype=dtype), mask(2, 7)
        polite(candidate, reference, LINEAR, *tensors, feature_map="relu", key_mask=keep)
