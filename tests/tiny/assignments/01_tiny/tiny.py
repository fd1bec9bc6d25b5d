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
    raise NotImplementedError("double: see README.md, part 1")


# %% [markdown]
# ## Part 2: Scaling


# %%
class Scaler:
    """Multiplies by a factor.

    Raises:
        ValueError: if the factor is negative.
    """

    def __init__(self, factor: float) -> None:
        raise NotImplementedError("Scaler.__init__: see README.md, part 2")

    def __call__(self, x: Tensor) -> Tensor:
        """Return factor * x."""
        raise NotImplementedError("Scaler.__call__: see README.md, part 2")
