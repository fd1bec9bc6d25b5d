"""Hidden checks of part 5: one token at a time. Where a state is needed, the check makes a correct one."""

import explicit
import probes
import pytest
import torch
from manners import ROUGH

from grader.checks import assert_close, check


def after_prompt(qkv, N, t):
    """Draw N tokens, and work out the state after the first t of them."""
    q, k, v = qkv(N)
    S, z = explicit.state(k[:, :, :t], v[:, :, :t])
    rest = [x[:, :, t:].contiguous() for x in (q, k, v)]
    return (q, k, v), {"S": S, "z": z, **dict(zip("qkv", rest, strict=True))}


@check("decode", points=2)
def test_decode(candidate, qkv):
    """Step by step the answers are those of the causal form, from nothing and after a prompt."""
    for N, t in ((6, 0), (14, 8)):
        (q, k, v), case = after_prompt(qkv, N, t)
        out, *_ = candidate.run(probes.decoded, **case)
        assert_close(out, explicit.causal(q, k, v)[:, :, t:], **ROUGH)


@check("decode", points=1, after=test_decode)
def test_step_eps(candidate, qkv):
    """eps is added to the sum of the weights, once for each answer."""
    (q, k, v), case = after_prompt(qkv, 10, 8)
    out, *_ = candidate.run(probes.decoded, **case, eps=0.5)
    assert_close(out, explicit.causal(q, k, v, eps=0.5)[:, :, 8:], **ROUGH)


@check("decode", points=3)
def test_decode_state(candidate, qkv):
    """The state after some steps is the two sums over all tokens."""
    (_, k, v), case = after_prompt(qkv, 10, 4)
    _, S, z = candidate.run(probes.decoded, **case, eps=0.5)
    for name, x, right in zip("Sz", (S, z), explicit.state(k, v), strict=True):
        assert_close(x, right, name=name, **ROUGH)


@pytest.mark.careless("dtype")
@check("decode", points=1, after=test_decode_state)
def test_init_state(same):
    """The first state is zeros of the right shapes, in float32 unless another dtype is asked for, on the device."""
    same(probes.new_state, sizes=[2, 3, 4, 5])
    same(probes.new_state, sizes=[1, 2, 6, 3], dtype=torch.float64)
    same(probes.where_a_state_is, sizes=[1, 2, 3, 4], device="meta", name="the device of the state")


@pytest.mark.careless("inputs")
@check("decode", points=2)
def test_step_leaves_the_state(candidate, qkv):
    """The state that is given to a step stays as it is."""
    (_, k, v), case = after_prompt(qkv, 9, 8)
    tokens = {f"{name}_t": case[name][:, :, 0] for name in "qkv"}
    _, new, given = candidate.run(probes.one_step, S=case["S"], z=case["z"], **tokens)
    for name, x, right in zip("Sz", new, explicit.state(k, v), strict=True):
        assert_close(x.double(), right, name=f"the new {name}", **ROUGH)
    for name, x, was in zip("Sz", given, (case["S"], case["z"]), strict=True):
        assert_close(x, was, name=f"the {name} that was given, after the step,")


@pytest.mark.careless("inputs")
@check("decode", points=2)
def test_reorder(candidate, draw, rng):
    """Entry b of the new state is entry idx[b] of the old one, in memory of its own."""
    for beams, size in (([2, 0, 0, 1], 3), ([1], 3)):
        S, z = draw(size, 2, 4, 5), draw(size, 2, 4)
        idx = torch.tensor(beams)[torch.randperm(len(beams), generator=rng)]
        new, given = candidate.run(probes.reordered, S=S, z=z, idx=idx)
        for name, x, right in zip("Sz", new, (S[idx], z[idx]), strict=True):
            assert_close(x, right, name=name, **ROUGH)
        for name, x, was in zip("Sz", given, (S, z), strict=True):
            assert_close(x, was, name=f"the {name} that was given")


@check("decode", points=3)
def test_long_bfloat16(candidate, qkv):
    """After 1024 bfloat16 tokens the sums are still right."""
    q, k, v = qkv(1024, B=1, H=1, D=8, E=4, dtype=torch.bfloat16)
    S, z = torch.zeros(1, 1, 8, 4), torch.zeros(1, 1, 8)
    _, S, z = candidate.run(probes.decoded, S=S, z=z, q=q, k=k, v=v)
    _, right = explicit.state(k.double(), v.double())
    # z in bfloat16 is off by 0.7; features that are rounded to bfloat16 before they are added, by some 1e-4
    assert_close(z, right, name="z after 1024 tokens", rtol=1e-2)


@pytest.mark.careless("dtype")
@check("decode", points=1)
def test_step_dtypes(same, draw):
    """The answer is in the token's dtype, and the state stays in its own."""
    S, z = draw(2, 3, 4, 5, dtype=torch.float32), draw(2, 3, 4, dtype=torch.float32).abs()
    for dtype in (torch.bfloat16, torch.float32, torch.float64):
        token = {f"{name}_t": draw(2, 3, size, dtype=dtype) for name, size in (("q", 4), ("k", 4), ("v", 5))}
        loose = {"rtol": 5e-2, "atol": 5e-2} if dtype is torch.bfloat16 else {}  # phi may be rounded to bfloat16
        same(probes.dtype_and_state, S=S, z=z, **token, **loose)
