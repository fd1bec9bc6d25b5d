"""Linear attention. I wrote the sums as sums, so that one can read them."""

import torch
from torch.nn.functional import elu


def softmax_attention(q, k, v, *, causal=False, key_mask=None):
    B, H, N, D = q.shape
    M, E = v.shape[2:]
    if causal and N != M:
        raise ValueError("causal")
    out = torch.zeros(B, H, N, E, dtype=q.dtype)
    for b in range(B):
        for h in range(H):
            for i in range(N):
                seen = [j for j in range(M) if (not causal or j <= i) and (key_mask is None or key_mask[b, j])]
                if seen:
                    scores = torch.stack([(q[b, h, i] * k[b, h, j]).sum() for j in seen]) / D**0.5
                    weights = scores.softmax(0)
                    for w, j in zip(weights, seen):
                        out[b, h, i] += w * v[b, h, j]
    return out


def product_attention(q, k, v, order="auto"):
    if order not in ("left", "right", "auto") or q.shape[3] != k.shape[3] or k.shape[2] != v.shape[2]:
        raise ValueError("order")
    N, M, D, E = q.shape[2], k.shape[2], q.shape[3], v.shape[3]
    if order == "left" or (order == "auto" and N * M * (D + E) < D * E * (N + M)):
        return (q @ k.transpose(2, 3)) @ v
    return q @ (k.transpose(2, 3) @ v)


def feature(x, name):
    if callable(name):
        return name(x)
    if name == "elu1":
        return elu(x) + 1
    if name == "relu":
        return x.clamp(min=0)
    if name == "taylor1":
        n = x.pow(2).sum(-1, keepdim=True).sqrt()
        return torch.cat([torch.ones_like(n), x / torch.where(n == 0, torch.ones_like(n), n)], -1)
    raise ValueError(name)


def linear_attention(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    q, k = feature(q, feature_map), feature(k, feature_map)
    B, H, N, D = q.shape
    M, E = v.shape[2:]
    out = torch.zeros(B, H, N, E, dtype=v.dtype)
    for b in range(B):
        for h in range(H):
            for i in range(N):
                top, bottom = torch.zeros(E, dtype=v.dtype), eps
                for j in range(M):
                    if key_mask is None or key_mask[b, j]:
                        w = (q[b, h, i] * k[b, h, j]).sum()
                        top = top + w * v[b, h, j]
                        bottom = bottom + w
                out[b, h, i] = top / bottom
    return out


def efficient_attention(q, k, v, *, key_mask=None):
    if key_mask is not None and not key_mask.any(1).all():
        raise ValueError("no key")
    B, H, M, D = k.shape
    context = torch.zeros(B, H, D, v.shape[3], dtype=v.dtype)
    for b in range(B):
        keep = torch.arange(M) if key_mask is None else key_mask[b].nonzero()[:, 0]
        for h in range(H):
            for d in range(D):
                weights = k[b, h, keep, d].softmax(0)
                for w, j in zip(weights, keep):
                    context[b, h, d] += w * v[b, h, j]
    return q.softmax(3) @ context


def init_state(B, H, D, E, dtype=torch.float32, device=None):
    return torch.zeros(B, H, D, E, dtype=dtype, device=device), torch.zeros(B, H, D, dtype=dtype, device=device)


def step(state, q_t, k_t, v_t, eps=1e-6):
    S, z = state
    a, b = feature(q_t.to(S.dtype), "elu1"), feature(k_t.to(S.dtype), "elu1")
    S = S + b[..., :, None] * v_t[..., None, :]
    z = z + b
    out = (a[..., :, None] * S).sum(2) / ((a * z).sum(2, keepdim=True) + eps)
    return out.to(q_t.dtype), (S, z)


def reorder_state(state, idx):
    return torch.stack([state[0][int(i)] for i in idx]), torch.stack([state[1][int(i)] for i in idx])


def causal_linear_attention(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    state = initial_state
    if state is None:
        dtype = torch.float64 if q.dtype == torch.float64 else torch.float32
        state = init_state(q.shape[0], q.shape[1], q.shape[3], v.shape[3], dtype)
    out = []
    for t in range(q.shape[2]):
        o, state = step(state, q[:, :, t], k[:, :, t], v[:, :, t], eps)
        out.append(o)
    out = torch.stack(out, 2)
    return (out, state) if return_state else out


def causal_linear_attention_mem(q, k, v, *, chunk_size=64):
    return causal_linear_attention(q, k, v)
