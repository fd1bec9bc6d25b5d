# %% [markdown]
# # Linear attention
#
# Read `README.md` (or `README.zh.md`) first: it has the mathematics, the pinned conventions and the points. Fill in
# the functions below, and hand in this module or its notebook. `grader check 6` and `pytest` try your work on the
# examples of the handout.
#
# Everywhere, q is `(B, H, N, D)`, k is `(B, H, M, D)` and v is `(B, H, M, E)`: batch, heads, queries or keys, features.
# A `key_mask` is bool, `(B, M)`, and True means: keep this key.

# %%
"""Assignment 6: linear attention."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

State = tuple[Tensor, Tensor]  # S (B, H, D, E), the sum of phi(k) v^T, and z (B, H, D), the sum of phi(k)

# %% [markdown]
# ## Part 1: Where the square comes from
#
# $$ \mathrm{out} = \operatorname{softmax}(q k^\top / \sqrt{D}) \, v \qquad\text{and, without the softmax,}\qquad
# (q k^\top) \, v = q \, (k^\top v) $$


# %%
def softmax_attention(
    q: Tensor, k: Tensor, v: Tensor, *, causal: bool = False, key_mask: Tensor | None = None
) -> Tensor:
    r"""Mix the values by softmax(q k^T / sqrt(D)). A query that may see no key gets zeros.

    Shapes:
        q: (B, H, N, D)   k: (B, H, M, D)   v: (B, H, M, E)   key_mask: (B, M)
        returns (B, H, N, E), in q's dtype

    Raises:
        ValueError: if `causal` and N differs from M.

    Source:
        Vaswani et al., "Attention Is All You Need" (2017), section 3.2.1.
    """
    # BEGIN SOLUTION
    N, M = q.shape[-2], k.shape[-2]
    if causal and N != M:
        raise ValueError(f"causal attention of {N} queries to {M} keys: which key is which query's own?")
    keep = torch.ones(N, M, dtype=torch.bool, device=q.device)
    if causal:
        keep = keep.tril()
    if key_mask is not None:
        keep = keep & key_mask[:, None, None, :]  # (B, 1, N, M)
    scores = q @ k.mT / math.sqrt(q.shape[-1])  # (B, H, N, M)
    weights = scores.masked_fill(~keep, -torch.inf).softmax(-1)
    return weights.masked_fill(~keep, 0) @ v  # (B, H, N, E); a row of -inf has become NaN, and now 0
    # END SOLUTION


# %%
def product_attention(q: Tensor, k: Tensor, v: Tensor, order: str = "auto") -> Tensor:
    r"""Return q k^T v: no softmax, no scale.

    `order` is "left" for (q k^T) v, "right" for q (k^T v), and "auto" for whichever of the two takes fewer
    multiplications.

    Shapes:
        q: (B, H, N, D)   k: (B, H, M, D)   v: (B, H, M, E)
        returns (B, H, N, E)

    Raises:
        ValueError: if `order` is another word, if q and k have different D, or k and v different M.
    """
    # BEGIN SOLUTION
    (N, D), (M, E) = q.shape[-2:], v.shape[-2:]
    if k.shape[-2:] != (M, D):
        raise ValueError(f"q {tuple(q.shape)}, k {tuple(k.shape)} and v {tuple(v.shape)} do not fit")
    if order not in ("left", "right", "auto"):
        raise ValueError(f'order must be "left", "right" or "auto": {order!r}')
    if order == "auto":
        order = "left" if N * M * D + N * M * E < M * D * E + N * D * E else "right"
    return (q @ k.mT) @ v if order == "left" else q @ (k.mT @ v)  # by way of (B, H, N, M) or of (B, H, D, E)
    # END SOLUTION


# %% [markdown]
# ## Part 2: Attention with a feature map
#
# $$ \mathrm{out}_i = \frac{\sum_j \phi(q_i)^\top \phi(k_j) \, v_j}{\sum_j \phi(q_i)^\top \phi(k_j) + \epsilon} $$


# %%
# BEGIN SOLUTION
def elu1(x: Tensor) -> Tensor:
    """x + 1 above 0, exp(x) below: positive everywhere."""
    return nn.functional.elu(x) + 1


def taylor1(x: Tensor) -> Tensor:
    """[1, x/|x|], so that the weight of a key is 1 + the cosine."""
    return nn.functional.pad(nn.functional.normalize(x, dim=-1), (1, 0), value=1.0)  # (..., D + 1)


FEATURE_MAPS = {"elu1": elu1, "relu": nn.functional.relu, "taylor1": taylor1}
# END SOLUTION


# %%
def linear_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    feature_map: str | Callable[[Tensor], Tensor] = "elu1",
    key_mask: Tensor | None = None,
    eps: float = 1e-6,
) -> Tensor:
    r"""Mix the values by weights proportional to phi(q)^T phi(k), in time and memory that are linear in N and M.

    `feature_map` is "elu1", phi(x) = elu(x) + 1; "relu"; "taylor1", phi(x) = [1, x/|x|], or [1, 0] at 0; or a function
    that maps (..., D) to (..., D') with a D' of its own. eps is added to the denominator.

    Shapes:
        q: (B, H, N, D)   k: (B, H, M, D)   v: (B, H, M, E)   key_mask: (B, M)
        returns (B, H, N, E), in q's dtype

    Raises:
        ValueError: if `feature_map` is another word.

    Source:
        Katharopoulos et al., "Transformers are RNNs" (2020), section 3.2; "taylor1" is Su Jianlin's, archives/7546.
    """
    # BEGIN SOLUTION
    if isinstance(feature_map, str) and feature_map not in FEATURE_MAPS:
        raise ValueError(f"feature_map must be one of {', '.join(FEATURE_MAPS)}, or a function: {feature_map!r}")
    phi = FEATURE_MAPS[feature_map] if isinstance(feature_map, str) else feature_map
    a, b = phi(q), phi(k)  # (B, H, N, D'), (B, H, M, D')
    if key_mask is not None:
        b = b.masked_fill(~key_mask[:, None, :, None], 0)  # not k: phi(0) need not be 0
    S, z = b.mT @ v, b.sum(-2).unsqueeze(-1)  # (B, H, D', E), (B, H, D', 1)
    return a @ S / (a @ z + eps)  # (B, H, N, E)
    # END SOLUTION


# %% [markdown]
# ## Part 3: Two softmaxes instead of one
#
# $$ \mathrm{out} = \operatorname{softmax}_{\text{features}}(q) \,
# \bigl( \operatorname{softmax}_{\text{sequence}}(k)^\top v \bigr) $$


# %%
def efficient_attention(q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None) -> Tensor:
    r"""Give each query a distribution over the features, and each feature a distribution over the keys.

    Shapes:
        q: (B, H, N, D)   k: (B, H, M, D)   v: (B, H, M, E)   key_mask: (B, M)
        returns (B, H, N, E)

    Raises:
        ValueError: if the mask leaves an entry of the batch without a key.

    Source:
        Shen et al., "Efficient Attention: Attention with Linear Complexities" (2018), section 3.
    """
    # BEGIN SOLUTION
    if key_mask is not None:
        if not key_mask.any(-1).all():
            raise ValueError("a softmax over no key at all is not defined")
        k = k.masked_fill(~key_mask[:, None, :, None], -torch.inf)
    return q.softmax(-1) @ (k.softmax(-2).mT @ v)  # by way of (B, H, D, E)
    # END SOLUTION


# %% [markdown]
# ## Parts 4 and 6: Causal attention is a running sum
#
# With $\phi(x) = \operatorname{elu}(x) + 1$,
#
# $$ S_i = S_{i-1} + \phi(k_i) \, v_i^\top, \qquad z_i = z_{i-1} + \phi(k_i), \qquad
# \mathrm{out}_i = \frac{S_i^\top \phi(q_i)}{z_i^\top \phi(q_i) + \epsilon} $$
#
# Part 4 asks for the right numbers in memory that grows no faster than N. Part 6 (stretch) asks the same function for
# chunks: few operations, few FLOPs and little memory, all at once.


# %%
# BEGIN SOLUTION
def wide(dtype: torch.dtype) -> torch.dtype:
    """The dtype to add up in: float32 at least. In bfloat16 256 + 1 is 256."""
    return torch.promote_types(dtype, torch.float32)


def with_ones(v: Tensor) -> Tensor:
    """One more value for each key, which is 1. What it adds up to is the normaliser."""
    return nn.functional.pad(v, (0, 1), value=1.0)  # (..., E + 1)


# END SOLUTION


# %%
def causal_linear_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    chunk_size: int = 64,
    eps: float = 1e-6,
    initial_state: State | None = None,
    return_state: bool = False,
) -> Tensor | tuple[Tensor, State]:
    r"""Let query i see the keys 0, ..., i, and all that is summed up in `initial_state`. phi(x) = elu(x) + 1.

    `chunk_size` says how the work is divided, and changes nothing in the answer; N need not be a multiple of it.
    With `return_state` the answer is (out, (S, z)), S and z being the sums after the last token.

    Shapes:
        q: (B, H, N, D)   k: (B, H, N, D)   v: (B, H, N, E)
        S: (B, H, D, E)   z: (B, H, D), both in float32, or float64 if q is
        returns (B, H, N, E), in q's dtype

    Source:
        Katharopoulos et al. (2020), section 3.3; in chunks: Hua et al., "Transformer Quality in Linear Time" (2022).
    """
    # BEGIN SOLUTION
    S, z = initial_state or init_state(*q.shape[:2], q.shape[3], v.shape[3], wide(q.dtype), q.device)
    T = torch.cat([S, z.unsqueeze(-1)], -1)  # (B, H, D, E + 1)
    out = []
    for q_c, k_c, v_c in zip(*(x.to(T.dtype).split(chunk_size, -2) for x in (q, k, v)), strict=True):
        a, b, v1 = elu1(q_c), elu1(k_c), with_ones(v_c)  # (B, H, C, D), (B, H, C, D), (B, H, C, E + 1)
        both = (a @ b.mT).tril() @ v1 + a @ T  # (B, H, C, E + 1): keys of this chunk, and of all before it
        out.append((both[..., :-1] / (both[..., -1:] + eps)).to(q.dtype))
        T = T + b.mT @ v1
    answer = torch.cat(out, -2)  # (B, H, N, E)
    return (answer, (T[..., :-1], T[..., -1])) if return_state else answer
    # END SOLUTION


# %% [markdown]
# ## Part 5: One token at a time
#
# A model that writes needs one step of the recursion for each token, and no more memory after a million tokens than
# after one.


# %%
def init_state(
    B: int, H: int, D: int, E: int, dtype: torch.dtype = torch.float32, device: torch.device | str | None = None
) -> State:
    """Return the state before the first token: S, zeros of (B, H, D, E), and z, zeros of (B, H, D)."""
    # BEGIN SOLUTION
    return torch.zeros(B, H, D, E, dtype=dtype, device=device), torch.zeros(B, H, D, dtype=dtype, device=device)
    # END SOLUTION


# %%
def step(state: State, q_t: Tensor, k_t: Tensor, v_t: Tensor, eps: float = 1e-6) -> tuple[Tensor, State]:
    r"""Take in one token and answer its query, which sees that token too. phi(x) = elu(x) + 1.

    The state that is given stays as it is. The new one has its dtype, whatever the dtype of the token.

    Shapes:
        q_t: (B, H, D)   k_t: (B, H, D)   v_t: (B, H, E)   state: S (B, H, D, E), z (B, H, D)
        returns out (B, H, E), in q_t's dtype, and a state of the same shapes

    Source:
        Katharopoulos et al. (2020), section 3.4, equations 18 to 20.
    """
    # BEGIN SOLUTION
    S, z = state
    a, b = elu1(q_t.to(S.dtype)), elu1(k_t.to(S.dtype))
    S = S + b.unsqueeze(-1) * v_t.to(S.dtype).unsqueeze(-2)  # (B, H, D, E)
    z = z + b  # (B, H, D)
    num = (a.unsqueeze(-2) @ S).squeeze(-2)  # (B, H, E)
    den = (a * z).sum(-1, keepdim=True)  # (B, H, 1)
    return (num / (den + eps)).to(q_t.dtype), (S, z)
    # END SOLUTION


# %%
def reorder_state(state: State, idx: Tensor) -> State:
    """Return the state of another batch, whose entry b goes on from entry idx[b] of this one, as beam search asks.

    Shapes:
        idx: (B',), integers; one entry may be taken several times, or not at all
        returns S (B', H, D, E), z (B', H, D), in memory of their own
    """
    # BEGIN SOLUTION
    S, z = state
    return S[idx], z[idx]
    # END SOLUTION


# %% [markdown]
# ## Part 7 (stretch): Recompute instead of save
#
# Autograd keeps what it will need: through a loop over chunks it keeps a good deal. All that is needed for the gradient
# can be computed once more from q, k and v.


# %%
# BEGIN SOLUTION
class Recomputed(torch.autograd.Function):
    """Saves q, k and v alone. Backward goes over the chunks forwards for dq, and in reverse for dk and dv."""

    @staticmethod
    def forward(ctx, q, k, v, chunk_size, eps):
        """Answer without a graph."""
        ctx.save_for_backward(q, k, v)
        ctx.chunk_size, ctx.eps = chunk_size, eps
        return causal_linear_attention(q, k, v, chunk_size=chunk_size, eps=eps)

    @staticmethod
    def backward(ctx, g):
        """Let G be the gradient of [numerator, denominator], and T and R the sums over all chunks before and after."""
        q, k, v = ctx.saved_tensors
        chunks = [list(x.to(wide(q.dtype)).split(ctx.chunk_size, -2)) for x in (q, k, v, g)]
        T = q.new_zeros(*q.shape[:2], q.shape[3], v.shape[3] + 1, dtype=wide(q.dtype))
        R = torch.zeros_like(T)
        dq, dk, dv, Gs = [], [], [], []
        for q_c, k_c, v_c, g_c in zip(*chunks, strict=True):
            a, b, v1 = elu1(q_c), elu1(k_c), with_ones(v_c)
            both = (a @ b.mT).tril() @ v1 + a @ T  # (B, H, C, E + 1), as in the forward pass
            den = both[..., -1:] + ctx.eps
            dden = -(g_c * both[..., :-1]).sum(-1, keepdim=True) / den
            G = torch.cat([g_c, dden], -1) / den  # (B, H, C, E + 1)
            da = (G @ v1.mT).tril() @ b + G @ T.mT  # (B, H, C, D)
            dq.append((da * a.clamp(max=1)).to(q.dtype))  # phi'(x) is 1 above 0 and exp(x) below: min(phi(x), 1)
            Gs.append(G)
            T = T + b.mT @ v1
        for q_c, k_c, v_c, G in zip(*(reversed(x) for x in (*chunks[:3], Gs)), strict=True):
            a, b, v1 = elu1(q_c), elu1(k_c), with_ones(v_c)
            db = (G @ v1.mT).tril().mT @ a + v1 @ R.mT  # the transposed mask: key j collects from queries i >= j
            dk.append((db * b.clamp(max=1)).to(k.dtype))
            dv.append(((a @ b.mT).tril().mT @ G + b @ R)[..., :-1].to(v.dtype))
            R = R + a.mT @ G
        return torch.cat(dq, -2), torch.cat(dk[::-1], -2), torch.cat(dv[::-1], -2), None, None


# END SOLUTION


# %%
def causal_linear_attention_mem(q: Tensor, k: Tensor, v: Tensor, *, chunk_size: int = 64) -> Tensor:
    r"""Return what `causal_linear_attention` returns, and save no more for backward than O(N (D + E)) numbers.

    Shapes:
        q: (B, H, N, D)   k: (B, H, N, D)   v: (B, H, N, E)
        returns (B, H, N, E), in q's dtype

    Source:
        Katharopoulos et al. (2020), section 3.3.1 and equations 13 to 15.
    """
    # BEGIN SOLUTION
    return Recomputed.apply(q, k, v, chunk_size, 1e-6)
    # END SOLUTION
