import features
import torch


def softmax_attention(q, k, v, *, causal=False, key_mask=None):
    if causal and q.shape[2] != k.shape[2]:
        raise ValueError("causal")
    weights = (q @ k.mT / q.shape[3] ** 0.5).softmax(-1)
    if causal:
        weights = weights.tril()
    if key_mask is not None:
        weights = weights * key_mask[:, None, None, :]
    return weights @ v


def product_attention(q, k, v, order="auto"):
    assert order in ("left", "right", "auto")
    n, d, m, e = q.shape[2], q.shape[3], v.shape[2], v.shape[3]
    if order == "left" or order == "auto" and n * m * (d + e) < d * e * (n + m):
        return (q @ k.mT) @ v
    return q @ (k.mT @ v)


def linear_attention(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    if not callable(feature_map):
        if not hasattr(features, feature_map):
            raise ValueError(feature_map)
        feature_map = getattr(features, feature_map)
    A = feature_map(q) @ feature_map(k).mT  # attention matrix
    if key_mask is not None:
        A = A * key_mask[:, None, None, :]
    return (A @ v) / (A.sum(-1, keepdim=True) + eps)


def efficient_attention(q, k, v, *, key_mask=None):
    k = k.softmax(dim=3)
    if key_mask is not None:
        if not key_mask.any(1).all():
            raise ValueError("no key")
        k = k * key_mask[:, None, :, None]
    return q.softmax(dim=2) @ (k.mT @ v)


def causal_linear_attention(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    Q, K = features.elu1(q), features.elu1(k)
    A = (Q @ K.mT).tril()
    num, den = A @ v, A.sum(-1)
    S, z = K.mT @ v, K.sum(2)
    if initial_state is not None:
        num = num + Q @ initial_state[0]
        den = den + (Q @ initial_state[1].unsqueeze(-1)).squeeze(-1)
        S, z = S + initial_state[0], z + initial_state[1]
    out = num / (den + eps).unsqueeze(-1)
    return (out, (S, z)) if return_state else out


def init_state(B, H, D, E, dtype=torch.float32, device=None):
    return torch.zeros(B, H, D, E, dtype=dtype, device=device), torch.zeros(B, H, D, dtype=dtype, device=device)


def step(state, q_t, k_t, v_t, eps=1e-6):
    out, state = causal_linear_attention(
        q_t.unsqueeze(2), k_t.unsqueeze(2), v_t.unsqueeze(2), eps=eps, initial_state=state, return_state=True
    )
    return out.squeeze(2), state


def reorder_state(state, idx):
    return tuple(x[idx] for x in state)
