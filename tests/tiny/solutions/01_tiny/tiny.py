# %% [markdown]
# # Tiny
#
# Write the two parts; the handout is README.md.

# %%
import torch
from torch import Tensor

# %% [markdown]
# ## Part 1: Doubling


# %%
def double(x: Tensor) -> Tensor:
    """Return twice x.

    Shapes:
        x: any   returns x's shape, in x's dtype
    """
    # BEGIN SOLUTION
    return twice(x)
    # END SOLUTION


# %%
# BEGIN SOLUTION
def twice(x: Tensor) -> Tensor:
    """Return the sum of x and itself: what students need not know of."""
    return torch.add(x, x)


# END SOLUTION


# %% [markdown]
# ## Part 2: Scaling


# %%
class Scaler:
    """Multiplies by a factor.

    Raises:
        ValueError: if the factor is negative.
    """

    def __init__(self, factor: float) -> None:
        # BEGIN SOLUTION
        if factor < 0:
            raise ValueError(f"factor must not be negative: {factor}")
        self.factor = factor
        # END SOLUTION

    def __call__(self, x: Tensor) -> Tensor:
        """Return factor * x."""
        # BEGIN SOLUTION
        return self.factor * x
        # END SOLUTION
