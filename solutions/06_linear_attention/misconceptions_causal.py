"""What students get wrong in parts 4 and 6, as they would write it."""

import torch
from torch.nn.functional import elu

from grader.checks import misconception


def phi(x):
    return elu(x) + 1


def wide(x):
    return x.to(torch.promote_types(x.dtype, torch.float32))


def start(q, v, initial_state):
    if initial_state is not None:
        return initial_state
    (B, H, _, D), E = q.shape, v.shape[-1]
    return q.new_zeros(B, H, D, E, dtype=wide(q).dtype), q.new_zeros(B, H, D, dtype=wide(q).dtype)


def in_chunks(q, k, v, chunk_size, eps, initial_state, return_state, *, inside=torch.tril, carry=True):
    """A loop over chunks with one thing replaced."""
    (S, z), out = start(q, v, initial_state), []
    for q_c, k_c, v_c in zip(*(wide(x).split(chunk_size, -2) for x in (q, k, v)), strict=True):
        if not carry and out:
            S, z = start(q, v, None)
        a, b = phi(q_c), phi(k_c)
        weights = inside(a @ b.mT)
        num, den = weights @ v_c + a @ S, weights.sum(-1) + (a @ z.unsqueeze(-1)).squeeze(-1)
        out.append((num / (den + eps).unsqueeze(-1)).to(q.dtype))
        S, z = S + b.mT @ v_c, z + b.sum(-2)
    answer = torch.cat(out, -2)
    return (answer, (S, z)) if return_state else answer


@misconception(
    replaces="causal_linear_attention",
    hint="Can token 1 see itself?",
    fails=["first_token"],
)
def strict_mask(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    strictly = lambda weights: weights.tril(-1)  # noqa: E731
    return in_chunks(q, k, v, chunk_size, eps, initial_state, return_state, inside=strictly)


@misconception(
    replaces="causal_linear_attention",
    hint="Change the last token of a chunk: the first one moved.",
    fails=["no_future", "one_chunk"],
)
def unmasked_chunk(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    return in_chunks(q, k, v, chunk_size, eps, initial_state, return_state, inside=torch.clone)


@misconception(
    replaces="causal_linear_attention",
    hint="Two sums must see the same tokens.",
    fails=["no_future", "one_chunk"],
)
def noncausal_denominator(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    (S, z), out = start(q, v, initial_state), []
    z = z + phi(wide(k)).sum(-2)
    for q_c, k_c, v_c in zip(*(wide(x).split(chunk_size, -2) for x in (q, k, v)), strict=True):
        a, b = phi(q_c), phi(k_c)
        out.append((((a @ b.mT).tril() @ v_c + a @ S) / (a @ z.unsqueeze(-1) + eps)).to(q.dtype))
        S = S + b.mT @ v_c
    return (torch.cat(out, -2), (S, z)) if return_state else torch.cat(out, -2)


@misconception(
    replaces="causal_linear_attention",
    hint="Works for one chunk.",
    fails=["next_chunks", "any_chunk_size"],
)
def state_reset(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    return in_chunks(q, k, v, chunk_size, eps, initial_state, return_state, carry=False)


def whole_chunks(q, k, v, chunk_size, eps, initial_state, return_state):
    """A reshape into chunks, for which N must be a multiple of their size."""
    chunk_size = min(chunk_size, q.shape[-2])
    for x in (q, k, v):
        x.reshape(*x.shape[:2], -1, chunk_size, x.shape[-1])
    return in_chunks(q, k, v, chunk_size, eps, initial_state, return_state)


@misconception(
    replaces="causal_linear_attention",
    hint="What if the last chunk is short?",
    fails=["short_end"],
)
def raises_on_tail(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    return whole_chunks(q, k, v, chunk_size, eps, initial_state, return_state)


@misconception(
    replaces="causal_linear_attention",
    hint="What if the last chunk is short? The number of tokens is whatever it is.",
    fails=["short_end"],
)
def asserts_no_tail(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    chunk_size = min(chunk_size, q.shape[-2])
    assert q.shape[-2] % chunk_size == 0
    return in_chunks(q, k, v, chunk_size, eps, initial_state, return_state)


@misconception(
    replaces="causal_linear_attention",
    hint="How many answers are there for 50 tokens and chunks of 7? The last chunk is short.",
    fails=["short_end"],
)
def drops_the_tail(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    chunk_size = min(chunk_size, q.shape[-2])
    n = q.shape[-2] // chunk_size * chunk_size
    q, k, v = (x[:, :, :n] for x in (q, k, v))
    return in_chunks(q, k, v, chunk_size, eps, initial_state, return_state)


@misconception(
    replaces="causal_linear_attention",
    hint="Call it on the first half, and with that state on the second half. Is it as if called on all?",
    fails=["goes_on"],
)
def ignores_the_initial_state(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    return in_chunks(q, k, v, chunk_size, eps, None, return_state)


@misconception(
    replaces="causal_linear_attention",
    hint="The state is what the next call begins with. Which tokens are missing in the one that you return?",
    fails=["state"],
)
def state_before_the_last_chunk(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    answer = in_chunks(q, k, v, chunk_size, eps, initial_state, False)
    n = (q.shape[-2] - 1) // chunk_size * chunk_size
    S, z = start(q, v, initial_state)
    b = phi(wide(k))[:, :, :n]
    return (answer, (S + b.mT @ wide(v)[:, :, :n], z + b.sum(-2))) if return_state else answer


@misconception(
    replaces="causal_linear_attention",
    hint="Print the state that you were given, before the call and after it. Whose tensor does `+=` change?",
    fails=["leaves_the_initial_state"],
)
def adds_to_the_initial_state(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    answer, (S, z) = in_chunks(q, k, v, chunk_size, eps, initial_state, True)
    if initial_state is not None:
        initial_state[0].copy_(S)
        initial_state[1].copy_(z)
    return (answer, (S, z)) if return_state else answer


@misconception(
    replaces="causal_linear_attention",
    hint="Is there a tensor with a number for each query and each key? A prefix needs no more than its two sums.",
    fails=["causal_linear_memory"],
)
def masks_the_whole_matrix(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    a, b, w = phi(wide(q)), phi(wide(k)), wide(v)
    weights = (a @ b.mT).tril()
    num, den = weights @ w, weights.sum(-1, keepdim=True)
    S, z = start(q, v, initial_state)
    if initial_state is not None:
        num, den = num + a @ S, den + a @ z.unsqueeze(-1)
    answer = (num / (den + eps)).to(q.dtype)
    return (answer, (S + b.mT @ w, z + b.sum(-2))) if return_state else answer


@misconception(
    replaces="causal_linear_attention",
    hint="You keep every prefix state. Do you need them at the same time?",
    fails=["chunk_largest", "chunk_peak"],
)
def cumsum_of_outer(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    S_0, z_0 = start(q, v, initial_state)
    a, b = phi(wide(q)), phi(wide(k))
    S = (b.unsqueeze(-1) * wide(v).unsqueeze(-2)).cumsum(-3) + S_0.unsqueeze(-3)
    z = b.cumsum(-2) + z_0.unsqueeze(-2)
    num, den = (a.unsqueeze(-2) @ S).squeeze(-2), (a * z).sum(-1, keepdim=True)
    answer = (num / (den + eps)).to(q.dtype)
    return (answer, (S[:, :, -1], z[:, :, -1])) if return_state else answer


@misconception(
    replaces="causal_linear_attention",
    hint="Your loop takes a step for each token. What could the tokens of a chunk do together?",
    fails=["chunk_operations"],
)
def a_step_for_each_token(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    return in_chunks(q, k, v, 1, eps, initial_state, return_state)


@misconception(
    replaces="causal_linear_attention",
    hint="In which dtype do you add up? Look at the state that you return for bfloat16 tokens.",
    fails=["state_dtype"],
)
def state_in_the_dtype_of_tokens(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    answer, (S, z) = in_chunks(q, k, v, chunk_size, eps, initial_state, True)
    return (answer, (S.to(q.dtype), z.to(q.dtype))) if return_state else answer
