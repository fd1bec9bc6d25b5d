"""Linear attention in the ways whose costs are known, of one head: q, k: (N, D), v: (N, E)."""

from __future__ import annotations

import torch
from torch import Tensor

EPS = 1e-6


def phi(x: Tensor) -> Tensor:
    return torch.nn.functional.elu(x) + 1


def quadratic(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """With the matrix of all weights."""
    weights = (phi(q) @ phi(k).T).tril()  # (N, N)
    return weights @ v / (weights.sum(-1, keepdim=True) + EPS)


def cumulated(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """With every prefix's state at the same time."""
    q, k = phi(q), phi(k)
    states = (k[:, :, None] * v[:, None, :]).cumsum(0)  # (N, D, E)
    return (q[:, None, :] @ states).squeeze(1) / ((q * k.cumsum(0)).sum(-1, keepdim=True) + EPS)


def chunked(q: Tensor, k: Tensor, v: Tensor, chunk: int = 64) -> Tensor:
    """With one state, carried from chunk to chunk."""
    q, k = phi(q), phi(k)
    state, total, out = q.new_zeros(q.shape[1], v.shape[1]), q.new_zeros(q.shape[1]), []
    for a, b, c in zip(q.split(chunk), k.split(chunk), v.split(chunk), strict=True):
        weights = (a @ b.T).tril()  # (C, C)
        below = (a * total).sum(-1) + weights.sum(-1)
        out.append((a @ state + weights @ c) / (below + EPS)[:, None])
        state, total = state + b.T @ c, total + b.sum(0)
    return torch.cat(out)


class Recomputed(torch.autograd.Function):
    """Chunked, saving q, k, v and what has their size: states are made again in backward."""

    @staticmethod
    def forward(ctx, q: Tensor, k: Tensor, v: Tensor, chunk: int) -> Tensor:
        out, below = torch.empty_like(v), q.new_empty(len(q))
        state, total = q.new_zeros(q.shape[1], v.shape[1]), q.new_zeros(q.shape[1])
        for at in range(0, len(q), chunk):
            here = slice(at, at + chunk)
            a, b, c = q[here], k[here], v[here]
            weights = (a @ b.T).tril()
            below[here] = a @ total + weights.sum(-1) + EPS
            out[here] = (a @ state + weights @ c) / below[here, None]
            state, total = state + b.T @ c, total + b.sum(0)
        ctx.save_for_backward(q, k, v, out, below)
        ctx.chunk = chunk
        return out

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, out, below = ctx.saved_tensors
        dnum = grad / below[:, None]
        dbelow = -(grad * out).sum(-1) / below
        dq, dk, dv = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
        state, total = q.new_zeros(q.shape[1], v.shape[1]), q.new_zeros(q.shape[1])
        starts = range(0, len(q), ctx.chunk)
        for at in starts:
            here = slice(at, at + ctx.chunk)
            shared = (dnum[here] @ v[here].T + dbelow[here, None]).tril()
            dq[here] = dnum[here] @ state.T + dbelow[here, None] * total + shared @ k[here]
            state, total = state + k[here].T @ v[here], total + k[here].sum(0)
        later, later_total = torch.zeros_like(state), torch.zeros_like(total)
        for at in reversed(starts):
            here = slice(at, at + ctx.chunk)
            shared = (dnum[here] @ v[here].T + dbelow[here, None]).tril()
            dk[here] = v[here] @ later.T + later_total + shared.T @ q[here]
            dv[here] = k[here] @ later + (q[here] @ k[here].T).tril().T @ dnum[here]
            later = later + q[here].T @ dnum[here]
            later_total = later_total + (dbelow[here, None] * q[here]).sum(0)
        return dq, dk, dv, None


def recomputed(q: Tensor, k: Tensor, v: Tensor, chunk: int = 64) -> Tensor:
    """The chunked form with a backward of its own."""
    return Recomputed.apply(phi(q), phi(k), v, chunk)
