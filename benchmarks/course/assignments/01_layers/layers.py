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
    raise NotImplementedError("softmax: see README.md, part 1")


# %% [markdown]
# ## Part 2: Attention


# %%
def attention(q: Tensor, k: Tensor, v: Tensor, *, causal: bool = False) -> Tensor:
    """Mix the values by how well each query matches each key; `causal` hides what comes later.

    Shapes:
        q: (..., T, d)   k: (..., S, d)   v: (..., S, e)   returns (..., T, e)
    """
    raise NotImplementedError("attention: see README.md, part 2")


# %% [markdown]
# ## Part 3: Momentum


# %%
class Momentum:
    """Gradient descent with heavy-ball momentum: u ← μ u + g, then w ← w − lr u.

    Raises:
        ValueError: if the rate is negative.
    """

    def __init__(self, lr: float, mu: float = 0.9) -> None:
        raise NotImplementedError("Momentum.__init__: see README.md, part 3")

    def step(self, weights: list[Tensor], gradients: list[Tensor]) -> list[Tensor]:
        """Return the weights after one step; what was given is left alone."""
        raise NotImplementedError("Momentum.step: see README.md, part 3")
