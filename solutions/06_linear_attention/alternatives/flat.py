"""Batch and heads are one axis, answers are written into buffers, and the features are what is saved for backward."""

import torch
from torch import nn


def softmax_attention(q, k, v, *, causal=False, key_mask=None):
    """Normalise after the product, where something was seen."""
    if causal and q.shape[2] != k.shape[2]:
        raise ValueError("causal")
    logits = torch.matmul(q * q.shape[-1] ** -0.5, k.transpose(2, 3))
    hide = torch.zeros_like(logits, dtype=torch.bool)
    if key_mask is not None:
        hide |= ~key_mask.reshape(len(key_mask), 1, 1, -1)
    if causal:
        i, j = (torch.arange(n, device=q.device) for n in logits.shape[2:])
        hide |= j[None, :] > i[:, None]
    logits = torch.where(hide, -torch.inf, logits)
    return torch.nan_to_num(torch.softmax(logits, 3), nan=0.0).matmul(v)


def product_attention(q, k, v, order="auto"):
    """Compare two numbers."""
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2] or order not in {"auto", "left", "right"}:
        raise ValueError("product_attention")
    n, d, m, e = *q.shape[-2:], *v.shape[-2:]
    if order == "right" or (order == "auto" and d * e * (m + n) <= n * m * (d + e)):
        return torch.matmul(q, torch.matmul(k.transpose(-1, -2), v))
    return torch.matmul(torch.matmul(q, k.transpose(-1, -2)), v)


class Elu1(nn.Module):
    """As a module."""

    def forward(self, x):
        """Add one."""
        return nn.functional.elu(x, alpha=1.0).add(1.0)


class Taylor1(nn.Module):
    """As a module."""

    def forward(self, x):
        """Divide where there is a length."""
        norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        unit = torch.where(norm > 0, x / norm, torch.zeros_like(x))
        return torch.cat((x.new_ones(*x.shape[:-1], 1), unit), -1)


MAPS = nn.ModuleDict({"elu1": Elu1(), "relu": nn.ReLU(), "taylor1": Taylor1()})
phi = MAPS["elu1"]


def linear_attention(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    """One product: a value of one beside the others."""
    if isinstance(feature_map, str):
        try:
            feature_map = MAPS[feature_map]
        except KeyError:
            raise ValueError(f"no feature map {feature_map}") from None
    fk = feature_map(k)
    if key_mask is not None:
        fk = fk * key_mask.to(fk.dtype).unsqueeze(1).unsqueeze(-1)
    v1 = torch.cat([v, torch.ones_like(v[..., :1])], dim=-1)
    both = feature_map(q) @ (fk.transpose(-2, -1) @ v1)
    return both[..., :-1] / (both[..., -1:] + eps)


def efficient_attention(q, k, v, *, key_mask=None):
    """Scale the context, not the keys."""
    if key_mask is None:
        key_mask = torch.ones(k.shape[0], k.shape[2], dtype=torch.bool, device=k.device)
    if (key_mask.sum(1) == 0).any():
        raise ValueError("every key is masked")
    k = torch.where(key_mask[:, None, :, None], k, torch.full_like(k, float("-inf")))
    e = torch.exp(k - k.max(dim=2, keepdim=True).values)
    context = (e.transpose(2, 3) @ v) / e.sum(2).unsqueeze(3)
    p = torch.exp(q - torch.logsumexp(q, 3, keepdim=True))
    return p @ context


def _flat(x):
    x = x.flatten(0, 1)
    return x if x.dtype in (torch.float32, torch.float64) else x.float()


def causal_linear_attention(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    """A buffer for the answer, and bmm."""
    lead, n, e = q.shape[:2], q.shape[2], v.shape[3]
    fq, fk, fv = phi(_flat(q)), phi(_flat(k)), _flat(v)
    if initial_state is None:
        S, z = (x.flatten(0, 1) for x in init_state(*lead, q.shape[3], e, fq.dtype, q.device))
    else:
        S, z = (x.flatten(0, 1) for x in initial_state)
    answer = fv.new_empty(len(fq), n, e)
    for first in range(0, n, chunk_size):
        here = slice(first, first + chunk_size)
        a, b, c = fq[:, here], fk[:, here], fv[:, here]
        p = torch.bmm(a, b.transpose(1, 2))
        p = p * torch.ones_like(p[0]).tril()
        numerator = torch.baddbmm(torch.bmm(p, c), a, S)
        denominator = p.sum(2) + torch.bmm(a, z.unsqueeze(2)).squeeze(2)
        answer[:, here] = numerator / (denominator.unsqueeze(2) + eps)
        S = torch.baddbmm(S, b.transpose(1, 2), c)
        z = z + b.sum(1)
    answer = answer.unflatten(0, lead).to(q.dtype)
    return (answer, (S.unflatten(0, lead), z.unflatten(0, lead))) if return_state else answer


def init_state(B, H, D, E, dtype=torch.float32, device=None):
    """Make zeros."""
    whole = torch.zeros(B, H, D, E + 1, dtype=dtype, device=device)
    return whole[..., :E].contiguous(), whole[..., E].contiguous()


def step(state, q_t, k_t, v_t, eps=1e-6):
    """A chunk of one token."""
    S, z = state
    tokens = [x.to(S.dtype).unsqueeze(2) for x in (q_t, k_t, v_t)]
    out, state = causal_linear_attention(*tokens, eps=eps, initial_state=(S, z), return_state=True)
    return out.squeeze(2).to(q_t.dtype), state


def reorder_state(state, idx):
    """Take rows."""
    rows = idx.tolist()
    return torch.stack([state[0][b] for b in rows]), torch.stack([state[1][b] for b in rows])


class FromFeatures(torch.autograd.Function):
    """Attention of features that are positive; phi itself is left to autograd."""

    @staticmethod
    def forward(ctx, a, b, c, size):
        """Go through the chunks."""
        S = a.new_zeros(len(a), a.shape[2], c.shape[2] + 1)
        c1 = nn.functional.pad(c, (0, 1), value=1.0)
        both = c1.new_empty(c1.shape)
        for i in range(0, a.shape[1], size):
            h = slice(i, i + size)
            both[:, h] = (a[:, h] @ b[:, h].mT).tril() @ c1[:, h] + a[:, h] @ S
            S = S + b[:, h].mT @ c1[:, h]
        total = both[..., -1:] + 1e-6
        answer = both[..., :-1] / total
        ctx.save_for_backward(a, b, c, answer, total.clone())
        ctx.size = size
        return answer

    @staticmethod
    def backward(ctx, g):
        """Go through them twice more."""
        a, b, c, answer, total = ctx.saved_tensors
        G = torch.cat([g, -(g * answer).sum(2, keepdim=True)], 2) / total
        da, db, dc = torch.empty_like(a), torch.empty_like(b), torch.empty_like(c)
        starts = range(0, a.shape[1], ctx.size)
        T = a.new_zeros(len(a), a.shape[2], c.shape[2] + 1)
        for i in starts:
            h = slice(i, i + ctx.size)
            c1 = nn.functional.pad(c[:, h], (0, 1), value=1.0)
            da[:, h] = (G[:, h] @ c1.mT).tril() @ b[:, h] + G[:, h] @ T.mT
            T += b[:, h].mT @ c1
        T.zero_()
        for i in reversed(starts):
            h = slice(i, i + ctx.size)
            c1 = nn.functional.pad(c[:, h], (0, 1), value=1.0)
            db[:, h] = (c1 @ G[:, h].mT).triu() @ a[:, h] + c1 @ T.mT
            dc[:, h] = ((b[:, h] @ a[:, h].mT).triu() @ G[:, h] + b[:, h] @ T)[..., :-1]
            T += a[:, h].mT @ G[:, h]
        return da, db, dc, None


def causal_linear_attention_mem(q, k, v, *, chunk_size=64):
    """Apply the function."""
    out = FromFeatures.apply(phi(_flat(q)), phi(_flat(k)), _flat(v), chunk_size)
    return out.unflatten(0, q.shape[:2]).to(q.dtype)
