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
    raise NotImplementedError("softmax_attention: see README.md, part 1")


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
    raise NotImplementedError("product_attention: see README.md, part 1")


# %% [markdown]
# ## Part 2: Attention with a feature map
#
# $$ \mathrm{out}_i = \frac{\sum_j \phi(q_i)^\top \phi(k_j) \, v_j}{\sum_j \phi(q_i)^\top \phi(k_j) + \epsilon} $$


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
    raise NotImplementedError("linear_attention: see README.md, part 2")


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
    raise NotImplementedError("efficient_attention: see README.md, part 3")


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
    raise NotImplementedError("causal_linear_attention: see README.md, parts 4, 6, 8")


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
    raise NotImplementedError("init_state: see README.md, part 5")


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
    raise NotImplementedError("step: see README.md, part 5")


# %%
def reorder_state(state: State, idx: Tensor) -> State:
    """Return the state of another batch, whose entry b goes on from entry idx[b] of this one, as beam search asks.

    Shapes:
        idx: (B',), integers; one entry may be taken several times, or not at all
        returns S (B', H, D, E), z (B', H, D), in memory of their own
    """
    raise NotImplementedError("reorder_state: see README.md, part 5")


# %% [markdown]
# ## Part 7 (stretch): Recompute instead of save
#
# Autograd keeps what it will need: through a loop over chunks it keeps a good deal. All that is needed for the gradient
# can be computed once more from q, k and v.


# %%
def causal_linear_attention_mem(q: Tensor, k: Tensor, v: Tensor, *, chunk_size: int = 64) -> Tensor:
    r"""Return what `causal_linear_attention` returns, and save no more for backward than O(N (D + E)) numbers.

    Shapes:
        q: (B, H, N, D)   k: (B, H, N, D)   v: (B, H, N, E)
        returns (B, H, N, E), in q's dtype

    Source:
        Katharopoulos et al. (2020), section 3.3.1 and equations 13 to 15.
    """
    raise NotImplementedError("causal_linear_attention_mem: see README.md, part 7")
