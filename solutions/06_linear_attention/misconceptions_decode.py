"""What students get wrong in part 5, as they would write it."""

import torch
from torch.nn.functional import elu

from grader.checks import misconception


def phi(x):
    return elu(x) + 1


def answered(S, z, q_t, eps):
    """The answer of a query to a state."""
    a = phi(q_t.to(S.dtype))
    num = torch.einsum("bhd,bhde->bhe", a, S)
    return (num / ((a * z).sum(-1, keepdim=True) + eps)).to(q_t.dtype)


def added(S, z, k_t, v_t):
    """The state with one more token in it."""
    b = phi(k_t.to(S.dtype))
    return S + b.unsqueeze(-1) * v_t.to(S.dtype).unsqueeze(-2), z + b


@misconception(
    replaces="step",
    hint="Does step t include token t?",
    fails=["decode"],
)
def read_then_write(state, q_t, k_t, v_t, eps=1e-6):
    return answered(*state, q_t, eps), added(*state, k_t, v_t)


@misconception(
    replaces="step",
    hint="Two beams share a prefix.",
    fails=["step_leaves_the_state"],
)
def step_in_place(state, q_t, k_t, v_t, eps=1e-6):
    S, z = state
    b = phi(k_t.to(S.dtype))
    S += b.unsqueeze(-1) * v_t.unsqueeze(-2)
    z += b
    return answered(S, z, q_t, eps), (S, z)


@misconception(
    replaces="step",
    hint="After 1024 tokens the sum stopped growing.",
    fails=["long_bfloat16"],
)
def bf16_state(state, q_t, k_t, v_t, eps=1e-6):
    S, z = (x.to(q_t.dtype) for x in state)
    S, z = S + phi(k_t).unsqueeze(-1) * v_t.unsqueeze(-2), z + phi(k_t)
    return answered(S, z, q_t, eps), (S.to(state[0].dtype), z.to(state[1].dtype))


@misconception(
    replaces="step",
    hint="The sum in the denominator is over all tokens so far. Over which is yours?",
    fails=["decode"],
)
def normalises_by_one_token(state, q_t, k_t, v_t, eps=1e-6):
    S, z = added(*state, k_t, v_t)
    return answered(S, phi(k_t.to(S.dtype)), q_t, eps), (S, z)


@misconception(
    replaces="step",
    hint="Is eps part of the answer or of the state? After a thousand steps it has been added a thousand times.",
    fails=["decode_state", "step_eps"],
)
def adds_eps_to_the_state(state, q_t, k_t, v_t, eps=1e-6):
    S, z = added(*state, k_t, v_t)
    z = z + eps
    return answered(S, z, q_t, 0.0), (S, z)


@misconception(
    replaces="step",
    hint="Print the dtype of the answer to a bfloat16 token.",
    fails=["step_dtypes"],
)
def answers_in_the_dtype_of_the_state(state, q_t, k_t, v_t, eps=1e-6):
    S, z = added(*state, k_t, v_t)
    return answered(S, z, q_t.to(S.dtype), eps), (S, z)


@misconception(
    replaces="reorder_state",
    hint="The state is (B, H, ...). Which axis are the beams on?",
    fails=["reorder"],
)
def reorders_heads(state, idx):
    S, z = state
    return S[:, idx % S.shape[1]], z[:, idx % z.shape[1]]


@misconception(
    replaces="reorder_state",
    hint="After the reordering, do both sums belong to the same beams?",
    fails=["reorder"],
)
def reorders_one_of_two(state, idx):
    S, z = state
    return S[idx], z[: len(idx)].clone()


@misconception(
    replaces="reorder_state",
    hint="idx[b] says where entry b comes from, not where it goes.",
    fails=["reorder"],
)
def scatters(state, idx):
    S, z = state
    new = [torch.zeros(len(idx), *x.shape[1:], dtype=x.dtype) for x in (S, z)]
    for b, to in enumerate(idx.tolist()):
        if to < len(idx) and b < len(S):
            new[0][to], new[1][to] = S[b], z[b]
    return tuple(new)


@misconception(
    replaces="init_state",
    hint="Nothing has been seen yet. What do the two sums over no token at all add up to?",
    fails=["init_state"],
)
def starts_with_ones(B, H, D, E, dtype=torch.float32, device=None):
    return torch.zeros(B, H, D, E, dtype=dtype, device=device), torch.ones(B, H, D, dtype=dtype, device=device)


@misconception(
    replaces="init_state",
    hint="A key has D features and a value E. Which of them has rows in S, and which columns?",
    fails=["init_state"],
)
def transposed_state(B, H, D, E, dtype=torch.float32, device=None):
    return torch.zeros(B, H, E, D, dtype=dtype, device=device), torch.zeros(B, H, D, dtype=dtype, device=device)
