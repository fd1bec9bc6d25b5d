"""Kofi: why write it again if torch has it?"""

import torch
import torch.nn.functional as F
from torch.nn.functional import scaled_dot_product_attention as attend


def softmax_attention(q, k, v, *, causal=False, key_mask=None):
    mask = None if key_mask is None else key_mask[:, None, None, :]
    if causal and mask is not None:
        mask = mask & torch.ones(q.shape[2], k.shape[2], dtype=torch.bool).tril()
        causal = False
    return attend(q, k, v, attn_mask=mask, is_causal=causal)


def product_attention(q, k, v, order="auto"):
    return torch.linalg.multi_dot  # TODO: does this work with batches?


def linear_attention(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    phi = {"elu1": lambda x: F.elu(x) + 1, "relu": F.relu, "taylor1": lambda x: F.normalize(x, dim=-1)}
    f = phi.get(feature_map, feature_map)
    a, b = f(q), f(k)
    if key_mask is not None:
        k[~key_mask[:, None, :].expand(k.shape[:3])] = 0
        b = b * key_mask[:, None, :, None]
    return a @ (b.mT @ v) / (a @ b.sum(2, keepdim=True).mT + 1e-6)


def efficient_attention(q, k, v, *, key_mask=None):
    k = k.softmax(2)
    if key_mask is not None:
        k = k * key_mask[:, None, :, None]
    return q.softmax(3) @ (k.mT @ v)


def causal_linear_attention(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    B, H, N, D = q.shape
    C = min(chunk_size, N)
    assert N % C == 0, "N must be a multiple of the chunk size"
    a = (F.elu(q) + 1).view(B, H, N // C, C, D)
    b = (F.elu(k) + 1).view(B, H, N // C, C, D)
    w = v.view(B, H, N // C, C, -1)
    S, z = (b.mT @ w).cumsum(2), b.sum(3).cumsum(2)
    before_S, before_z = S - b.mT @ w, z - b.sum(3)
    if initial_state is not None:
        before_S, before_z = before_S + initial_state[0][:, :, None], before_z + initial_state[1][:, :, None]
    p = (a @ b.mT).tril()
    num = p @ w + a @ before_S
    den = p.sum(-1) + (a @ before_z.unsqueeze(-1)).squeeze(-1)
    out = (num / (den + eps).unsqueeze(-1)).view(B, H, N, -1)
    if initial_state is not None:
        S, z = S + initial_state[0][:, :, None], z + initial_state[1][:, :, None]
    return (out, (S[:, :, -1], z[:, :, -1])) if return_state else out


def init_state(B, H, D, E, dtype=torch.float32, device=None):
    return torch.zeros(B, H, D, E, dtype=dtype), torch.zeros(B, H, D, dtype=dtype)


def step(state, q_t, k_t, v_t, eps=1e-6):
    out, state = causal_linear_attention(
        q_t[:, :, None], k_t[:, :, None], v_t[:, :, None], eps=eps, initial_state=state, return_state=True
    )
    return out[:, :, 0], state


def reorder_state(state, idx):
    return state[0][:, idx], state[1][:, idx]
