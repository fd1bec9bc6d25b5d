"""Hidden checks of part 4: the causal form, at any speed, in memory that grows no faster than the tokens."""

import explicit
import probes
import pytest
import torch
from manners import ROUGH, largest_tensors, mixture, polite

from grader.checks import assert_close, check, grows, require

CAUSAL = "causal_linear_attention"


def right(candidate, q, k, v, chunk_size):
    """Demand the answer of the explicit matrix of weights."""
    answer = candidate.run(probes.value, CAUSAL, q, k, v, chunk_size=chunk_size)
    assert_close(answer, explicit.causal(q, k, v), **ROUGH)


@check("causal", points=1)
def test_first_token(candidate, qkv):
    """The first token sees itself."""
    q, k, v = qkv(1)
    answer = candidate.run(probes.value, CAUSAL, q, k, v, chunk_size=16, eps=0.5)  # or else its answer is its value
    assert_close(answer, explicit.causal(q, k, v, eps=0.5), **ROUGH)


@check("causal", points=2)
def test_one_chunk(candidate, qkv):
    """Sixteen tokens, in one chunk: query i mixes the values of the keys up to its own."""
    right(candidate, *qkv(16), chunk_size=16)


@check("causal", points=2)
def test_next_chunks(candidate, qkv):
    """A query sees the chunks before its own, too: three chunks of 16, the last of which is one token."""
    right(candidate, *qkv(33), chunk_size=16)


@check("causal", points=1)
def test_short_end(candidate, qkv):
    """The number of tokens need not be a multiple of the size of chunks: 50 in chunks of 7."""
    right(candidate, *qkv(50), chunk_size=7)


@check("causal", points=2)
def test_any_chunk_size(candidate, qkv):
    """The size of the chunks changes nothing in the answer."""
    q, k, v = qkv(20)
    first = mixture(lambda q, v: candidate.run(probes.value, CAUSAL, q, k, v, chunk_size=10), q, v)
    for size in ({"chunk_size": 1}, {"chunk_size": 5}, {"chunk_size": 1000}, {}):
        assert_close(candidate.run(probes.value, CAUSAL, q, k, v, **size), first, **ROUGH)


@check("causal", points=3)
def test_no_future(candidate, qkv, draw):
    """When later tokens change, the answers before them do not, and no gradient comes to them from there."""
    (q, k, v), t = qkv(24), 13
    before = mixture(lambda q, v: candidate.run(probes.value, CAUSAL, q, k, v, chunk_size=8), q, v)
    grads = candidate.run(probes.gradients_of_the_past, q, k, v, t=t, chunk_size=8)
    k[:, :, t:], v[:, :, t:] = draw(2, 3, 24 - t, 4), draw(2, 3, 24 - t, 5)
    after = candidate.run(probes.value, CAUSAL, q, k, v, chunk_size=8)
    assert_close(after[:, :, :t], before[:, :, :t], name="the answer before the tokens that changed", **ROUGH)
    for name, grad in zip("kv", grads, strict=True):
        assert_close(grad[:, :, t:], torch.zeros_like(grad[:, :, t:]), name=f"the gradient of later {name}", **ROUGH)


@check("causal", points=1)
def test_gradient(candidate, qkv):
    """The gradients with respect to keys and values are right."""
    q, k, v = qkv(12)
    found = candidate.run(probes.gradients_of_the_past, q, k, v, t=12, chunk_size=1)
    k, v = k.clone().requires_grad_(), v.clone().requires_grad_()
    expected = torch.autograd.grad(explicit.causal(q, k, v).square().sum(), (k, v))
    for name, grad, wanted in zip("kv", found, expected, strict=True):
        assert_close(grad, wanted, name=f"the gradient with respect to {name}", **ROUGH)


# ---- states ----------------------------------------------------------------------------------------------------


def right_state(candidate, q, k, v, chunk_size):
    """Demand the two sums over all tokens."""
    found = candidate.run(probes.state_after, q, k, v, chunk_size=chunk_size)
    for name, x, wanted in zip("Sz", found, explicit.state(k, v), strict=True):
        assert_close(x, wanted, name=name, **ROUGH)


@check("causal", points=2)
def test_state(candidate, qkv):
    """The state that is returned is the two sums over all tokens, where these are one chunk."""
    right_state(candidate, *qkv(12), chunk_size=16)


@check("causal", points=1)
def test_state_of_chunks(candidate, qkv):
    """The state after several chunks is the two sums over all of them."""
    right_state(candidate, *qkv(24), chunk_size=8)


@pytest.mark.careless("dtype")
@check("causal", points=1, after=test_state)
def test_state_dtype(same, qkv):
    """The state of bfloat16 tokens is in float32, and that of float64 tokens in float64."""
    for dtype in (torch.bfloat16, torch.float32, torch.float64):
        loose = {"rtol": 5e-2, "atol": 5e-2} if dtype is torch.bfloat16 else {}  # phi may be rounded to bfloat16
        same(probes.state_as_it_is, *qkv(20, dtype=dtype), name="the state", **loose)


def second_half(candidate, q, k, v):
    """The second 16 of 32 tokens, going on from the state after the first. Returns what came of it, and that state."""
    S, z = explicit.state(k[:, :, :16], v[:, :, :16])
    tokens = [x[:, :, 16:].contiguous() for x in (q, k, v)]
    return candidate.run(probes.with_initial_state, *tokens, S=S, z=z, chunk_size=8), (S, z)


@check("causal", points=3)
def test_goes_on(candidate, qkv):
    """From a state that is given, answers and sums go on as if the tokens before were there."""
    q, k, v = qkv(32)
    (out, *state, _, _), _ = second_half(candidate, q, k, v)
    for name, x, wanted in zip("Sz", state, explicit.state(k, v), strict=True):
        assert_close(x, wanted, name=f"{name} at the end", **ROUGH)
    whole = candidate.run(probes.value, CAUSAL, q, k, v, chunk_size=8)
    assert_close(out, whole[:, :, 16:], name="the answer to the second half", **ROUGH)


@pytest.mark.careless("inputs")
@check("causal", points=1)
def test_leaves_the_initial_state(candidate, qkv):
    """The state that is given stays as it is."""
    q, k, v = qkv(32)
    mixture(lambda rest, v: second_half(candidate, torch.cat([q[:, :, :16], rest], 2), k, v)[0][0], q[:, :, 16:], v)
    (*_, S, z), given = second_half(candidate, q, k, v)
    for name, was, is_now in zip("Sz", given, (S, z), strict=True):
        require(torch.equal(was, is_now), f"the {name} that was given is not as it was")


# ---- and the rest ----------------------------------------------------------------------------------------------


@check("causal", points=4)
@pytest.mark.limits(seconds=30)  # a loop over 512 tokens, counted, takes one on an idle machine
def test_causal_linear_memory(candidate, qkv):
    """The largest tensor grows no faster than the number of tokens."""
    sizes = (128, 256, 512)
    grows(sizes, largest_tensors(candidate, CAUSAL, qkv, sizes), name="largest tensor")


@pytest.mark.careless("dtype", "inputs")
@check("causal", points=1)
def test_causal_manners(candidate, reference, qkv):
    """The answer is in q's dtype and to its precision, and the inputs are left alone."""
    for dtype in (torch.bfloat16, torch.float32, torch.float64):
        polite(candidate, reference, CAUSAL, *qkv(1, dtype=dtype))
    tensors = qkv(8)
    _, after, _ = candidate.run(probes.with_inputs, CAUSAL, *tensors, chunk_size=4)
    require(all(map(torch.equal, tensors, after)), "an input is not as it was before the call")
