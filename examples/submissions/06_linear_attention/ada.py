"""Assignment 6, Ada. Checked against the N x M matrix for every shape up to 9, and part 7 with gradcheck."""

import math

import torch
import torch.nn.functional as F


def softmax_attention(q, k, v, *, causal=False, key_mask=None):
    n, m = q.shape[2], k.shape[2]
    if causal and n != m:
        raise ValueError(f"causal needs n == m, got {n} and {m}")
    s = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    hidden = torch.zeros(1, 1, n, m, dtype=torch.bool, device=q.device)
    if causal:
        hidden = hidden | torch.ones(n, m, dtype=torch.bool, device=q.device).triu(1)
    if key_mask is not None:
        hidden = hidden | ~key_mask[:, None, None, :]
    p = torch.softmax(s.masked_fill(hidden, float("-inf")), dim=-1)
    return p.masked_fill(hidden, 0.0) @ v


def product_attention(q, k, v, order="auto"):
    if order not in ("left", "right", "auto"):
        raise ValueError(f"unknown order {order}")
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError("shapes do not match")
    n, d = q.shape[-2:]
    m, e = v.shape[-2:]
    left, right = n * m * (d + e), d * e * (m + n)
    if order == "left" or (order == "auto" and left <= right):
        return (q @ k.transpose(-1, -2)) @ v
    return q @ (k.transpose(-1, -2) @ v)


def phi(x):
    return F.elu(x) + 1


def unit(x):
    return torch.cat([torch.ones_like(x[..., :1]), F.normalize(x, dim=-1)], dim=-1)


def linear_attention(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    if isinstance(feature_map, str):
        table = {"elu1": phi, "relu": torch.relu, "taylor1": unit}
        if feature_map not in table:
            raise ValueError(f"unknown feature map {feature_map}")
        feature_map = table[feature_map]
    a, b = feature_map(q), feature_map(k)
    if key_mask is not None:
        b = b * key_mask[:, None, :, None]
    num = a @ (b.transpose(-1, -2) @ v)
    den = a @ b.sum(dim=2).unsqueeze(-1)
    return num / (den + eps)


def efficient_attention(q, k, v, *, key_mask=None):
    if key_mask is not None:
        if not bool(key_mask.any(dim=1).all()):
            raise ValueError("a row without any key")
        k = k.masked_fill(~key_mask[:, None, :, None], float("-inf"))
    return F.softmax(q, dim=-1) @ (F.softmax(k, dim=-2).transpose(-1, -2) @ v)


def up(x):
    return x if x.dtype == torch.float64 else x.float()


def causal_linear_attention(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    b, h, n, d = q.shape
    S, z = initial_state or init_state(b, h, d, v.shape[-1], up(q[:0]).dtype, q.device)
    out = []
    for i in range(0, n, chunk_size):
        a, f, w = (up(x[:, :, i : i + chunk_size]) for x in (q, k, v))
        a, f = phi(a), phi(f)
        p = torch.tril(a @ f.transpose(-1, -2))
        num = p @ w + a @ S
        den = p.sum(-1, keepdim=True) + a @ z.unsqueeze(-1)
        out.append((num / (den + eps)).to(q.dtype))
        S = S + f.transpose(-1, -2) @ w
        z = z + f.sum(dim=2)
    out = torch.cat(out, dim=2)
    return (out, (S, z)) if return_state else out


def init_state(B, H, D, E, dtype=torch.float32, device=None):
    return torch.zeros(B, H, D, E, dtype=dtype, device=device), torch.zeros(B, H, D, dtype=dtype, device=device)


def step(state, q_t, k_t, v_t, eps=1e-6):
    S, z = state
    f = phi(k_t.to(S.dtype))
    S = S + torch.einsum("bhd,bhe->bhde", f, v_t.to(S.dtype))
    z = z + f
    a = phi(q_t.to(S.dtype))
    out = torch.einsum("bhd,bhde->bhe", a, S) / (torch.einsum("bhd,bhd->bh", a, z)[..., None] + eps)
    return out.to(q_t.dtype), (S, z)


def reorder_state(state, idx):
    return state[0].index_select(0, idx), state[1].index_select(0, idx)


class Mem(torch.autograd.Function):
    # with v1 = [v, 1] numerator and denominator are one product, and so are their gradients
    @staticmethod
    def forward(ctx, q, k, v, c):
        out = causal_linear_attention(q, k, v, chunk_size=c)
        ctx.save_for_backward(q, k, v, out)
        ctx.c = c
        return out

    @staticmethod
    def backward(ctx, g):
        q, k, v, out = ctx.saved_tensors
        b, h, n, d = q.shape
        starts = list(range(0, n, ctx.c))
        G = torch.empty(b, h, n, v.shape[-1] + 1, dtype=up(q[:0]).dtype, device=q.device)
        dq, dk, dv = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)

        def piece(i):
            s = slice(i, i + ctx.c)
            return s, phi(up(q[:, :, s])), phi(up(k[:, :, s])), F.pad(up(v[:, :, s]), (0, 1), value=1.0)

        T = torch.zeros(b, h, d, v.shape[-1] + 1, dtype=G.dtype, device=q.device)
        for i in starts:
            s, a, f, v1 = piece(i)
            den = (torch.tril(a @ f.transpose(-1, -2)).sum(-1) + (a @ T[..., -1:]).squeeze(-1) + 1e-6).unsqueeze(-1)
            go = up(g[:, :, s])
            G[:, :, s] = torch.cat([go, -(go * up(out[:, :, s])).sum(-1, keepdim=True)], dim=-1) / den
            da = torch.tril(G[:, :, s] @ v1.transpose(-1, -2)) @ f + G[:, :, s] @ T.transpose(-1, -2)
            dq[:, :, s] = da * a.clamp(max=1)
            T = T + f.transpose(-1, -2) @ v1
        R = torch.zeros_like(T)
        for i in reversed(starts):
            s, a, f, v1 = piece(i)
            df = torch.triu(v1 @ G[:, :, s].transpose(-1, -2)) @ a + v1 @ R.transpose(-1, -2)
            dk[:, :, s] = df * f.clamp(max=1)
            dv[:, :, s] = (torch.triu(f @ a.transpose(-1, -2)) @ G[:, :, s] + f @ R)[..., :-1]
            R = R + a.transpose(-1, -2) @ G[:, :, s]
        return dq, dk, dv, None


def causal_linear_attention_mem(q, k, v, *, chunk_size=64):
    return Mem.apply(q, k, v, chunk_size)
