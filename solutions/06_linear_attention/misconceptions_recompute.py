"""What students get wrong in part 7, as they would write it."""

import linattn
import torch
from torch.nn.functional import elu, pad

from grader.checks import misconception


def phi(x):
    return elu(x) + 1


def answered(q, k, v, chunk_size):
    return linattn.causal_linear_attention(q, k, v, chunk_size=chunk_size)


def backwards(q, k, v, g, C, *, turned=lambda matrix: matrix.mT, suffix=True, prefix=True, den_grad=True):
    """The two sweeps with one thing replaced."""
    chunks = list(zip(*(x.split(C, -2) for x in (q, k, v, g)), strict=True))
    T = q.new_zeros(*q.shape[:2], q.shape[3], v.shape[3] + 1)
    R, grads, Gs = torch.zeros_like(T), [], []
    for q_c, k_c, v_c, g_c in chunks:
        a, b, v1 = phi(q_c), phi(k_c), pad(v_c, (0, 1), value=1.0)
        both = (a @ b.mT).tril() @ v1 + a @ T
        den = both[..., -1:] + 1e-6
        G = torch.cat([g_c, -den_grad * (g_c * both[..., :-1]).sum(-1, keepdim=True) / den], -1) / den
        da = (G @ v1.mT).tril() @ b + prefix * (G @ T.mT)
        grads.append(da * a.clamp(max=1))
        Gs.append(G)
        T = T + b.mT @ v1
    keys, values = [], []
    for (q_c, k_c, v_c, _), G in zip(reversed(chunks), reversed(Gs), strict=True):
        a, b, v1 = phi(q_c), phi(k_c), pad(v_c, (0, 1), value=1.0)
        db = turned((G @ v1.mT).tril()) @ a + suffix * (v1 @ R.mT)
        keys.append(db * b.clamp(max=1))
        values.append((turned((a @ b.mT).tril()) @ G + suffix * (b @ R))[..., :-1])
        R = R + a.mT @ G
    return torch.cat(grads, -2), torch.cat(keys[::-1], -2), torch.cat(values[::-1], -2)


def function(backward, keep=False, answer=answered):
    """An autograd.Function with these passes; `keep` hangs the tensors on ctx."""

    class Written(torch.autograd.Function):
        @staticmethod
        def forward(ctx, q, k, v, chunk_size):
            if keep:
                ctx.q, ctx.k, ctx.v = q, k, v
            else:
                ctx.save_for_backward(q, k, v)
            ctx.chunk_size = chunk_size
            return answer(q, k, v, chunk_size)

        @staticmethod
        def backward(ctx, g):
            tensors = (ctx.q, ctx.k, ctx.v) if keep else ctx.saved_tensors
            return (*backward(*tensors, g, ctx.chunk_size), None)

    return Written


@misconception(
    replaces="causal_linear_attention_mem",
    hint="dk_j collects from later queries.",
    fails=["gradients"],
)
def backward_no_transpose(q, k, v, *, chunk_size=64):
    same = lambda matrix: matrix  # noqa: E731
    return function(lambda *args: backwards(*args, turned=same)).apply(q, k, v, chunk_size)


@misconception(
    replaces="causal_linear_attention_mem",
    hint="One chunk passes; two do not. What do the keys of the first chunk get from the queries of the second?",
    fails=["gradients_across_chunks"],
)
def backward_no_suffix_state(q, k, v, *, chunk_size=64):
    return function(lambda *args: backwards(*args, suffix=False)).apply(q, k, v, chunk_size)


@misconception(
    replaces="causal_linear_attention_mem",
    hint="One chunk passes; two do not. Through which tokens does the gradient of the second chunk's queries go?",
    fails=["gradients_across_chunks"],
)
def backward_no_prefix_state(q, k, v, *, chunk_size=64):
    return function(lambda *args: backwards(*args, prefix=False)).apply(q, k, v, chunk_size)


@misconception(
    replaces="causal_linear_attention_mem",
    hint="The denominator depends on q and k too. dv is right; which part of dq and dk is missing?",
    fails=["gradients"],
)
def constant_denominator(q, k, v, *, chunk_size=64):
    return function(lambda *args: backwards(*args, den_grad=False)).apply(q, k, v, chunk_size)


@misconception(
    replaces="causal_linear_attention_mem",
    hint="save_for_backward is what is counted and watched. What hangs on your ctx?",
    fails=["nothing_aside"],
)
def tensors_on_ctx(q, k, v, *, chunk_size=64):
    return function(backwards, keep=True).apply(q, k, v, chunk_size)


@misconception(
    replaces="causal_linear_attention_mem",
    hint="Is every product of the forward pass on the graph? Autograd keeps what it went through.",
    fails=["saved", "saved_grows"],
)
def through_the_loop(q, k, v, *, chunk_size=64):
    return answered(q, k, v, chunk_size)


@misconception(
    replaces="causal_linear_attention_mem",
    hint="How large is what you save, when the number of tokens doubles?",
    fails=["saved", "saved_grows"],
)
def through_the_matrix(q, k, v, *, chunk_size=64):
    weights = (phi(q) @ phi(k).mT).tril()
    return weights @ v / (weights.sum(-1, keepdim=True) + 1e-6)


def by_autograd(q, k, v, g, C):
    leaves = [x.detach().requires_grad_() for x in (q, k, v)]
    with torch.enable_grad():
        return torch.autograd.grad(answered(*leaves, C), leaves, g)


@misconception(
    replaces="causal_linear_attention_mem",
    hint="Your backward builds a graph. With chunks of 4, how many states does that graph keep while it works?",
    fails=["peak"],
)
def autograd_in_backward(q, k, v, *, chunk_size=64):
    return function(by_autograd).apply(q, k, v, chunk_size)


@misconception(
    replaces="causal_linear_attention_mem",
    hint="Your gradients know of the chunks before, and your answers do not. What does forward hand on between chunks?",
    fails=["forward"],
)
def forward_without_a_state(q, k, v, *, chunk_size=64):
    def alone(q, k, v, chunk_size):
        chunks = zip(*(x.split(chunk_size, -2) for x in (q, k, v)), strict=True)
        return torch.cat([answered(*chunk, chunk_size) for chunk in chunks], -2)

    return function(backwards, answer=alone).apply(q, k, v, chunk_size)
