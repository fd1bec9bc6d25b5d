# %% [markdown]
# # Three layers
#
# What the benchmark grades: a function, a function with gradients, and a class with state.

# %%
import math

import torch
from torch import Tensor

# %% [markdown]
# ## Part 1: Softmax


# %%
def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Return exp(x) over its sum along `dim`, also where exp(x) itself would overflow.

    Shapes:
        x: any   returns x's shape, in x's dtype
    """
    # BEGIN SOLUTION
    weights = torch.exp(x - x.amax(dim, keepdim=True))
    return weights / weights.sum(dim, keepdim=True)
    # END SOLUTION


# %% [markdown]
# ## Part 2: Attention


# %%
def attention(q: Tensor, k: Tensor, v: Tensor, *, causal: bool = False) -> Tensor:
    """Mix the values by how well each query matches each key; `causal` hides what comes later.

    Shapes:
        q: (..., T, d)   k: (..., S, d)   v: (..., S, e)   returns (..., T, e)
    """
    # BEGIN SOLUTION
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if causal:
        future = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).triu(1)
        scores = scores.masked_fill(future, -torch.inf)
    return softmax(scores) @ v
    # END SOLUTION


# %% [markdown]
# ## Part 3: Momentum


# %%
class Momentum:
    """Gradient descent with heavy-ball momentum: u ← μ u + g, then w ← w − lr u.

    Raises:
        ValueError: if the rate is negative.
    """

    def __init__(self, lr: float, mu: float = 0.9) -> None:
        # BEGIN SOLUTION
        if lr < 0:
            raise ValueError(f"the rate is negative: {lr}")
        self.lr, self.mu = lr, mu
        self.u: list[Tensor] = []
        # END SOLUTION

    def step(self, weights: list[Tensor], gradients: list[Tensor]) -> list[Tensor]:
        """Return the weights after one step; what was given is left alone."""
        # BEGIN SOLUTION
        before = self.u or [torch.zeros_like(g) for g in gradients]
        self.u = [self.mu * u + g for u, g in zip(before, gradients, strict=True)]
        return [w - self.lr * u for w, u in zip(weights, self.u, strict=True)]
        # END SOLUTION
