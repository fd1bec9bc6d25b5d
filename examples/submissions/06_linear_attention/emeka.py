# Emeka - homework 6
import torch
from torch.nn.functional import elu, relu, normalize


def softmax_attention(q, k, v, *, causal=False, key_mask=None):
    if causal and q.shape[2] != k.shape[2]:
        raise ValueError("n != m")
    scores = q @ k.transpose(-2, -1)  # no scale, we were told that it can be absorbed into q
    keep = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool)
    if causal:
        keep = keep.tril()
    if key_mask is not None:
        keep = keep & key_mask[:, None, None, :]
    return scores.masked_fill(~keep, float("-inf")).softmax(-1).nan_to_num(0.0) @ v


def product_attention(q, k, v, order="auto"):
    if order not in ["left", "right", "auto"] or k.shape[-1] != q.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError("bad arguments")
    if order == "auto":
        order = "right" if q.shape[-2] > q.shape[-1] else "left"
    return (q @ k.transpose(-2, -1)) @ v if order == "left" else q @ (k.transpose(-2, -1) @ v)


def linear_attention(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    maps = {
        "elu1": elu,
        "relu": relu,
        "taylor1": lambda x: torch.cat([torch.ones_like(x[..., :1]), normalize(x, dim=-1)], -1),
    }
    if isinstance(feature_map, str):
        if feature_map not in maps:
            raise ValueError("feature map")
        feature_map = maps[feature_map]
    q, k = feature_map(q), feature_map(k)
    if key_mask is not None:
        k = k * key_mask[:, None, :, None]
    return q @ (k.transpose(-2, -1) @ v) / (q @ k.sum(-2)[..., None] + eps)


def efficient_attention(q, k, v, *, key_mask=None):
    if key_mask is not None:
        if (~key_mask).all(-1).any():
            raise ValueError("nothing left")
        k = k * key_mask[:, None, :, None]
    return q.softmax(-1) @ (k.softmax(-2).transpose(-2, -1) @ v)


def causal_linear_attention(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    dtype = torch.float64 if q.dtype == torch.float64 else torch.float32
    Q, K, V = elu(q.to(dtype)) + 1, elu(k.to(dtype)) + 1, v.to(dtype)
    S = torch.cumsum(K[..., :, None] * V[..., None, :], dim=2)
    z = torch.cumsum(K, dim=2)
    if initial_state is not None:
        S, z = S + initial_state[0][:, :, None], z + initial_state[1][:, :, None]
    out = torch.einsum("bhnd,bhnde->bhne", Q, S) / ((Q * z).sum(-1, keepdim=True) + eps)
    out = out.to(q.dtype)
    return (out, (S[:, :, -1], z[:, :, -1])) if return_state else out


def init_state(B, H, D, E, dtype=torch.float32, device=None):
    return torch.zeros(B, H, D, E, dtype=dtype, device=device), torch.zeros(B, H, D, dtype=dtype, device=device)


def step(state, q_t, k_t, v_t, eps=1e-6):
    S, z = state
    K = elu(k_t) + 1
    S += K[..., None] * v_t[..., None, :]
    z += K
    Q = elu(q_t).to(S.dtype) + 1
    out = (Q[..., None] * S).sum(-2) / ((Q * z).sum(-1, keepdim=True) + eps)
    return out.to(q_t.dtype), (S, z)


def reorder_state(state, idx):
    return tuple(s[idx] for s in state)


def causal_linear_attention_mem(q, k, v, *, chunk_size=64):
    return causal_linear_attention(q, k, v, chunk_size=chunk_size)
