"""The examples of the handout. Run `pytest` or `grader check 6` in this folder. They earn no points."""

import math

import pytest
import torch
from linattn import (
    causal_linear_attention,
    causal_linear_attention_mem,
    efficient_attention,
    init_state,
    linear_attention,
    product_attention,
    reorder_state,
    softmax_attention,
    step,
)
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

LN3 = math.log(3)


def tokens(*numbers):
    """Tokens of one batch entry and one head: a number for each, or a list of features."""
    x = torch.tensor(numbers, dtype=torch.float64)
    return x.reshape(1, 1, len(numbers), -1)


def keep(*kept):
    """A mask of keys for one batch entry."""
    return torch.tensor([kept], dtype=torch.bool)


def close(actual, *numbers, what):
    """Compare an answer with numbers, and say what was compared."""
    yours = [round(x, 4) for x in actual.flatten().tolist()]
    assert len(yours) == len(numbers), f"{what}: {len(numbers)} numbers are expected, and yours are {yours}"
    right = all(math.isclose(x, y, rel_tol=1e-4, abs_tol=1e-6) for x, y in zip(yours, numbers, strict=True))
    assert right, f"{what}: {list(numbers)}, and yours: {yours}"


def normal(*shape, dtype=torch.float64):
    """Draw a tensor."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(6), dtype=torch.float64).to(dtype)


# ---- part 1: product -------------------------------------------------------------------------------------------


def test_softmax_of_the_handout():
    """The weights 1/4 and 3/4, and who sees whom."""
    q, k, v = tokens(1.0, 1.0), tokens(0.0, LN3), tokens(4.0, 8.0)
    close(softmax_attention(q, k, v), 7.0, 7.0, what="the weights of the two keys are 1/4 and 3/4")
    close(softmax_attention(q, k, v, causal=True), 4.0, 7.0, what="the first query sees the first key alone")
    masked = softmax_attention(q, k, v, key_mask=keep(True, False))
    close(masked, 4.0, 4.0, what="with the second key masked the first has all the weight")
    keys = tokens([0.0, 0.0, 0.0, 0.0], [LN3, 0.0, 0.0, 0.0])
    wide = softmax_attention(tokens([2.0, 0.0, 0.0, 0.0]), keys, v)
    close(wide, 7.0, what="the score is divided by 2 (7.6: it is not)")


def test_softmax_of_nothing():
    """A query that may see no key gets zeros."""
    q, k, v = tokens(1.0, 1.0), tokens(0.0, LN3), tokens(4.0, 8.0)
    close(softmax_attention(q, k, v, key_mask=keep(False, False)), 0.0, 0.0, what="all keys are masked")
    nothing_yet = softmax_attention(q, k, v, causal=True, key_mask=keep(False, True))
    close(nothing_yet, 0.0, 8.0, what="the first query sees no key, the second sees the second key")


@pytest.mark.parametrize("order", ["left", "right", "auto"])
def test_product_of_the_handout(order):
    """The product of three in either order."""
    answer = product_attention(tokens(1.0, 2.0), tokens(3.0, 1.0), tokens(2.0, 5.0), order)
    close(answer, 11.0, 22.0, what="2 x 3 + 5 x 1 is 11")


@pytest.mark.parametrize(("n", "d", "flops"), [(256, 16, 262_144), (8, 64, 16_384)])
def test_product_takes_the_cheaper_order(n, d, flops):
    """The order "auto" makes as few FLOPs as the table says."""
    q, k, v = (normal(1, 1, n, d) for _ in range(3))
    with FlopCounterMode(display=False) as counter:
        product_attention(q, k, v)
    used = counter.get_total_flops()
    assert used == flops, f"{n} tokens of {d} features need {flops} FLOPs in the cheaper order; yours were {used}"


def test_product_refuses():
    """Another order, and shapes that do not fit."""
    q = normal(1, 1, 3, 2)
    with pytest.raises(ValueError):  # noqa: PT011  the message is your own
        product_attention(q, q, q, order="middle")
    with pytest.raises(ValueError):  # noqa: PT011
        product_attention(q, q[..., :1], q)
    with pytest.raises(ValueError):  # noqa: PT011
        softmax_attention(q[:, :, 1:], q, q, causal=True)


# ---- part 2: kernel --------------------------------------------------------------------------------------------


def test_elu1_of_the_handout():
    """The features 1 and 3, a masked key, and eps."""
    q, k, v = tokens(0.0), tokens(0.0, 2.0), tokens(4.0, 8.0)
    close(linear_attention(q, k, v), 7.0, what="the weights are 1 and 3, out of 4")
    masked = linear_attention(q, k, v, key_mask=keep(True, False))
    close(masked, 4.0, what="a masked key might as well not be there (6: it has the feature of a zero)")
    close(linear_attention(q, k, v, key_mask=keep(False, False)), 0.0, what="all keys are masked")
    close(linear_attention(q, k[:, :, :1], v[:, :, :1], eps=1.0), 2.0, what="eps=1 is added to a weight of 1")


def test_taylor1_of_the_handout():
    """One key before the query, one beside it, one behind it."""
    q, k, v = tokens([1.0, 0.0]), tokens([2.0, 0.0], [0.0, 3.0], [-1.0, 0.0]), tokens(3.0, 6.0, 9.0)
    close(linear_attention(q, k, v, feature_map="taylor1"), 4.0, what="the weights are 2, 1 and 0, out of 3")


def test_relu_and_own_feature_map():
    """A function may take the place of a name."""
    q, k, v = tokens(1.0, -1.0), tokens(1.0, 3.0), tokens(4.0, 8.0)
    close(linear_attention(q, k, v, feature_map="relu"), 7.0, 0.0, what="the second query finds no key active")
    own = linear_attention(q, k, v, feature_map=lambda x: torch.cat([x.abs(), x.abs()], -1))
    close(own, 7.0, 7.0, what="a function that makes two features of one")


def test_linear_attention_needs_no_matrix():
    """With 2000 tokens there is no 2000 x 2000 matrix of FLOPs."""
    q, k, v = (normal(1, 1, 2000, 4) for _ in range(3))
    with FlopCounterMode(display=False) as counter:
        linear_attention(q, k, v)
    assert counter.get_total_flops() < 2_000_000, "the products grow with the square of the number of tokens"


# ---- part 3: efficient -----------------------------------------------------------------------------------------


def test_efficient_of_the_handout():
    """A distribution over features, and then one over keys."""
    q, k, v = tokens([0.0, LN3]), tokens([0.0, 0.0], [0.0, LN3]), tokens(4.0, 8.0)
    close(efficient_attention(q, k, v), 6.75, what="a quarter of 6 and three quarters of 7")
    close(efficient_attention(q, k, v, key_mask=keep(True, False)), 4.0, what="the first key alone")


def test_efficient_edges():
    """Large numbers, and no key at all."""
    q, k, v = tokens([1000.0, 0.0]), tokens([1000.0, 0.0], [0.0, 1000.0]), tokens(4.0, 8.0)
    close(efficient_attention(q, k, v), 4.0, what="a softmax of 1000 and 0 is 1 and 0, and not NaN")
    with pytest.raises(ValueError):  # noqa: PT011
        efficient_attention(q, k, v, key_mask=keep(False, False))


# ---- part 4: causal --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk_size", [1, 2, 64])
def test_causal_of_the_handout(chunk_size):
    """The features 1, 3, 4, whatever the chunks."""
    q, k, v = tokens(0.0, 0.0, 0.0), tokens(0.0, 2.0, 3.0), tokens(4.0, 8.0, 1.0)
    answer, (S, z) = causal_linear_attention(q, k, v, chunk_size=chunk_size, return_state=True)
    close(answer, 4.0, 7.0, 4.0, what="4 / 1, then 28 / 4, then 32 / 8")
    close(S, 32.0, what="the sum of feature times value")
    close(z, 8.0, what="the sum of features")


def test_causal_goes_on():
    """The third token alone, after the state of the first two."""
    state = torch.full((1, 1, 1, 1), 28.0, dtype=torch.float64), torch.full((1, 1, 1), 4.0, dtype=torch.float64)
    answer = causal_linear_attention(tokens(0.0), tokens(3.0), tokens(1.0), initial_state=state)
    close(answer, 4.0, what="(28 + 4) / (4 + 4)")
    close(state[0], 28.0, what="the state that was given")


def test_causal_sees_no_future():
    """A later key changes nothing before it."""
    q, k, v = (normal(1, 2, 10, 3) for _ in range(3))
    before = causal_linear_attention(q, k, v, chunk_size=4)
    k[:, :, 6:] += 1.0
    after = causal_linear_attention(q, k, v, chunk_size=4)
    assert torch.allclose(before[:, :, :6], after[:, :, :6]), "the answers before token 6 moved when later keys changed"
    assert not torch.allclose(before[:, :, 6:], after[:, :, 6:]), "the answers from token 6 on did not move"


# ---- part 5: decode --------------------------------------------------------------------------------------------


def test_step_of_the_handout():
    """From 28 and 4 to 32 and 8."""
    state = torch.full((1, 1, 1, 1), 28.0), torch.full((1, 1, 1), 4.0)
    answer, (S, z) = step(state, torch.zeros(1, 1, 1), torch.full((1, 1, 1), 3.0), torch.ones(1, 1, 1))
    close(answer, 4.0, what="the token is in the sums before its query is answered (7: it is not)")
    close(torch.stack([S.flatten(), z.flatten()]), 32.0, 8.0, what="the new state")
    close(torch.stack([x.flatten() for x in state]), 28.0, 4.0, what="the state that was given")


def test_step_keeps_count_in_bfloat16():
    """After 256 tokens of the feature 1, another still counts."""
    token = torch.zeros(1, 1, 1, dtype=torch.bfloat16)
    state = init_state(1, 1, 1, 1)
    for _ in range(260):
        answer, state = step(state, token, token, token + 1)
    close(state[1], 260.0, what="the sum of 260 features of 1 (256: it is kept in bfloat16)")
    assert answer.dtype is torch.bfloat16, f"the token is bfloat16, and the answer {answer.dtype}"


def test_reorder_of_beams():
    """Two beams go on from the second entry."""
    S, z = torch.arange(2.0).reshape(2, 1, 1, 1), torch.arange(2.0).reshape(2, 1, 1)
    S, z = reorder_state((S, z), torch.tensor([1, 1, 0]))
    close(S, 1.0, 1.0, 0.0, what="S of the entries 1, 1, 0")
    close(z, 1.0, 1.0, 0.0, what="z of the entries 1, 1, 0")


# ---- part 6: chunks --------------------------------------------------------------------------------------------


def test_chunks_are_few_flops():
    """1024 tokens in chunks of 64 stay below the bound of the table."""
    q, k, v = (normal(1, 1, 1024, 16, dtype=torch.float32) for _ in range(3))
    with FlopCounterMode(display=False) as counter:
        causal_linear_attention(q, k, v, chunk_size=64)
    used = counter.get_total_flops()
    assert used <= 5_767_168, f"5 767 168 FLOPs are allowed; yours were {used}"


# ---- part 7: recompute -----------------------------------------------------------------------------------------


def test_recompute_gradients():
    """Autograd's own judge: several chunks, the last of them short."""
    q, k, v = (normal(1, 2, 11, 3).requires_grad_() for _ in range(3))
    assert torch.autograd.gradcheck(lambda *x: causal_linear_attention_mem(*x, chunk_size=4), (q, k, v))


def test_recompute_saves_little():
    """At most 7.5 times q is saved for backward."""
    q, k, v = (normal(1, 1, 256, 16).requires_grad_() for _ in range(3))
    kept = {}
    with saved_tensors_hooks(lambda x: kept.setdefault(x.data_ptr(), x), lambda x: x):
        out = causal_linear_attention_mem(q, k, v)
    assert out.requires_grad, "the answer has no graph to go backward through"
    times = sum(x.untyped_storage().nbytes() for x in kept.values()) / q.untyped_storage().nbytes()
    assert times <= 7.5, f"{times:.1f} times q is saved for backward"


# ---- part 8: gpu -----------------------------------------------------------------------------------------------


def test_gpu_bfloat16():
    """On a GPU, or on the CPU where there is none: bfloat16 in, bfloat16 out, and in the same place."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    q, k, v = (normal(1, 1, 50, 8).to(device, torch.bfloat16) for _ in range(3))
    out = causal_linear_attention(q, k, v)
    assert (out.dtype, out.device) == (q.dtype, q.device), f"the answer is {out.dtype} on {out.device}"
