"""Every sum an einsum, numerator and normaliser apart, and all chunks at once: padded, reshaped, states by a cumsum."""

from math import sqrt

import torch
from torch import einsum, nn


def softmax_attention(q, k, v, *, causal=False, key_mask=None):
    """Exponentials by hand."""
    N, M = q.size(2), k.size(2)
    if causal and N != M:
        raise ValueError("causal needs as many keys as queries")
    scores = einsum("bhnd,bhmd->bhnm", q, k) / sqrt(q.size(-1))
    bias = torch.zeros(1, 1, N, M, dtype=q.dtype, device=q.device)
    if causal:
        bias = bias + torch.full((N, M), -torch.inf, dtype=q.dtype, device=q.device).triu(1)
    if key_mask is not None:
        bias = bias.masked_fill(key_mask.logical_not()[:, None, None], -torch.inf)
    scores = scores + bias
    top = scores.amax(-1, keepdim=True)
    weights = torch.exp(scores - torch.where(top.isfinite(), top, torch.zeros_like(top)))
    total = weights.sum(-1, keepdim=True)
    return einsum("bhnm,bhme->bhne", weights / torch.where(total == 0, torch.ones_like(total), total), v)


def product_attention(q, k, v, order="auto"):
    """Count by hand."""
    B, H, N, D = q.shape
    M, E = v.shape[2:]
    if tuple(k.shape) != (B, H, M, D):
        raise ValueError("shapes")
    costs = {"left": N * M * (D + E), "right": D * E * (M + N)}
    if order == "auto":
        order = min(costs, key=costs.get)
    if order not in costs:
        raise ValueError("order")
    if order == "left":
        return einsum("bhnm,bhme->bhne", einsum("bhnd,bhmd->bhnm", q, k), v)
    return einsum("bhnd,bhde->bhne", q, einsum("bhmd,bhme->bhde", k, v))


def elu1(x):
    """Branch."""
    return torch.where(x > 0, x + 1, x.clamp(max=0).exp())


def taylor1(x):
    """Divide by a length that is not 0."""
    length = x.pow(2).sum(-1, keepdim=True).sqrt()
    return torch.cat([torch.ones_like(length), x / length.clamp(min=1e-12)], dim=-1)


def linear_attention(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    """Numerator and denominator apart."""
    if not callable(feature_map):
        if feature_map not in ("elu1", "relu", "taylor1"):
            raise ValueError(feature_map)
        feature_map = {"elu1": elu1, "relu": torch.relu, "taylor1": taylor1}[feature_map]
    fq, fk = feature_map(q), feature_map(k)
    if key_mask is not None:
        fk = torch.where(key_mask[:, None, :, None], fk, torch.zeros_like(fk))
    num = einsum("bhnf,bhfe->bhne", fq, einsum("bhmf,bhme->bhfe", fk, v))
    den = einsum("bhnf,bhf->bhn", fq, einsum("bhmf->bhf", fk))
    return num / (den + eps)[..., None]


def efficient_attention(q, k, v, *, key_mask=None):
    """A bias of -inf for masked keys."""
    if key_mask is not None:
        if bool((~key_mask).all(dim=1).any()):
            raise ValueError("no key at all")
        bias = torch.zeros(key_mask.shape, dtype=k.dtype, device=k.device).masked_fill(~key_mask, -torch.inf)
        k = k + bias[:, None, :, None]
    context = einsum("bhmd,bhme->bhde", k.softmax(2), v)
    return einsum("bhnd,bhde->bhne", q.softmax(3), context)


def _accumulator(dtype):
    return dtype if dtype == torch.float64 else torch.float32


def _chunks(x, n, C):
    """Pad with zeros and cut: (B, H, n, C, D)."""
    B, H, N, D = x.shape
    return nn.functional.pad(x, (0, 0, 0, n * C - N)).reshape(B, H, n, C, D)


def causal_linear_attention(q, k, v, *, chunk_size=64, eps=1e-6, initial_state=None, return_state=False):
    """All chunks at once."""
    N, dtype = q.size(2), _accumulator(q.dtype)
    C = max(1, min(chunk_size, N))
    n = -(-N // C)
    fq, fk = _chunks(elu1(q.to(dtype)), n, C), _chunks(elu1(k.to(dtype)), n, C)  # a padded key has no feature at all
    vc = _chunks(v.to(dtype), n, C)
    S, z = einsum("bhnce,bhncf->bhnef", fk, vc).cumsum(2), fk.sum(3).cumsum(2)
    S, z = nn.functional.pad(S, (0, 0, 0, 0, 1, 0)), nn.functional.pad(z, (0, 0, 1, 0))
    if initial_state is not None:
        S, z = S + initial_state[0][:, :, None], z + initial_state[1][:, :, None]
    inside = einsum("bhncd,bhnmd->bhncm", fq, fk).tril()
    num = einsum("bhncm,bhnme->bhnce", inside, vc) + einsum("bhncd,bhnde->bhnce", fq, S[:, :, :-1])
    den = inside.sum(-1) + einsum("bhncd,bhnd->bhnc", fq, z[:, :, :-1])
    out = (num / (den + eps)[..., None]).flatten(2, 3)[:, :, :N].to(q.dtype)
    return (out, (S[:, :, -1], z[:, :, -1])) if return_state else out


def init_state(B, H, D, E, dtype=torch.float32, device=None):
    """Make zeros."""
    S = torch.zeros((B, H, D, E), dtype=dtype, device=device)
    return S, S[..., 0].clone() if E else torch.zeros((B, H, D), dtype=dtype, device=device)


def step(state, q_t, k_t, v_t, eps=1e-6):
    """One line a sum."""
    dtype = state[0].dtype
    fq, fk = elu1(q_t.to(dtype)), elu1(k_t.to(dtype))
    S = state[0] + einsum("bhd,bhe->bhde", fk, v_t.to(dtype))
    z = state[1] + fk
    out = einsum("bhd,bhde->bhe", fq, S) / (einsum("bhd,bhd->bh", fq, z) + eps)[..., None]
    return out.to(q_t.dtype), (S, z)


def reorder_state(state, idx):
    """Take rows."""
    return tuple(x.index_select(0, idx) for x in state)


class _Two(torch.autograd.Function):
    """Saves the inputs, the answer and its denominator."""

    @staticmethod
    def forward(ctx, q, k, v, C):
        """Go through the chunks."""
        S, z = init_state(*q.shape[:2], q.size(3), v.size(3), _accumulator(q.dtype), q.device)
        outs, dens = [], []
        for a in range(0, q.size(2), C):
            fq, fk, vc = elu1(q[:, :, a : a + C].to(S.dtype)), elu1(k[:, :, a : a + C].to(S.dtype)), v[:, :, a : a + C]
            inside = einsum("bhnd,bhmd->bhnm", fq, fk).tril()
            den = inside.sum(-1) + einsum("bhnd,bhd->bhn", fq, z) + 1e-6
            num = einsum("bhnm,bhme->bhne", inside, vc.to(S.dtype)) + einsum("bhnd,bhde->bhne", fq, S)
            outs.append((num / den[..., None]).to(q.dtype))
            dens.append(den)
            S, z = S + einsum("bhmd,bhme->bhde", fk, vc.to(S.dtype)), z + fk.sum(2)
        out, den = torch.cat(outs, 2), torch.cat(dens, 2)
        ctx.save_for_backward(q, k, v, out, den)
        ctx.C = C
        return out

    @staticmethod
    def backward(ctx, g):
        """Go through them twice more."""
        q, k, v, out, den = ctx.saved_tensors
        dtype, C, N = den.dtype, ctx.C, q.size(2)
        gn = g.to(dtype) / den[..., None]  # of the numerator
        gd = -einsum("bhne,bhne->bhn", gn, out.to(dtype))  # of the denominator
        dq, dk, dv = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
        S, z = init_state(*q.shape[:2], q.size(3), v.size(3), dtype, q.device)
        for a in range(0, N, C):
            c = slice(a, min(a + C, N))
            x, fk, vc, gnc, gdc = q[:, :, c], elu1(k[:, :, c].to(dtype)), v[:, :, c].to(dtype), gn[:, :, c], gd[:, :, c]
            inside = (einsum("bhne,bhme->bhnm", gnc, vc) + gdc[..., None]).tril()
            d = (
                einsum("bhnm,bhmd->bhnd", inside, fk)
                + einsum("bhne,bhde->bhnd", gnc, S)
                + gdc[..., None] * z[:, :, None]
            )
            dq[:, :, c] = (d * torch.where(x > 0, torch.ones_like(x), x.exp())).to(q.dtype)
            S, z = S + einsum("bhmd,bhme->bhde", fk, vc), z + fk.sum(2)
        S, z = torch.zeros_like(S), torch.zeros_like(z)
        for a in reversed(range(0, N, C)):
            c = slice(a, min(a + C, N))
            x, fq, vc, gnc, gdc = k[:, :, c], elu1(q[:, :, c].to(dtype)), v[:, :, c].to(dtype), gn[:, :, c], gd[:, :, c]
            fk = elu1(x.to(dtype))
            outer = (einsum("bhne,bhme->bhnm", gnc, vc) + gdc[..., None]).tril()
            d = einsum("bhnm,bhnd->bhmd", outer, fq) + einsum("bhme,bhde->bhmd", vc, S) + z[:, :, None]
            dk[:, :, c] = (d * torch.where(x > 0, torch.ones_like(x), x.exp())).to(k.dtype)
            scores = einsum("bhnd,bhmd->bhnm", fq, fk).tril()
            dv[:, :, c] = (einsum("bhnm,bhne->bhme", scores, gnc) + einsum("bhmd,bhde->bhme", fk, S)).to(v.dtype)
            S = S + einsum("bhnd,bhne->bhde", fq, gnc)
            z = z + einsum("bhnd,bhn->bhd", fq, gdc)
        return dq, dk, dv, None


def causal_linear_attention_mem(q, k, v, *, chunk_size=64):
    """Apply the function."""
    return _Two.apply(q, k, v, chunk_size)
