# %% [markdown]
# # Stochastic approximation
#
# Read `README.md` (or `README.zh.md`) first: it has the mathematics, the pinned conventions and the points. Fill in
# the functions and classes below, and hand in this module or its notebook. `grader check 3` and `pytest` try your work
# on the examples of the handout.

# %%
"""Assignment 3: stochastic approximation."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

# %% [markdown]
# ## Part 1: The mean, one sample at a time
#
# $$ w_k = w_{k-1} - \tfrac{1}{k} \, (w_{k-1} - x_k), \qquad k = 1, 2, \dots $$


# %%
class MeanEstimator:
    r"""The mean of the samples seen so far, without keeping the samples.

    Shapes:
        every sample, and the mean: `shape`, in `dtype` whatever the samples' own dtype

    Source:
        Zhao, "Mathematical Foundations of Reinforcement Learning", section 6.1.
    """

    def __init__(self, shape: tuple[int, ...] = (), dtype: torch.dtype = torch.float64) -> None:
        raise NotImplementedError("MeanEstimator.__init__: see README.md, part 1")

    def update(self, x: Tensor) -> Tensor:
        """Take one more sample into account and return the new mean, a tensor that nothing changes later.

        Raises:
            ValueError: if x is not of the estimator's shape.
        """
        raise NotImplementedError("MeanEstimator.update: see README.md, part 1")

    @property
    def mean(self) -> Tensor:
        """The mean of the samples seen so far.

        Raises:
            ValueError: if there were none.
        """
        raise NotImplementedError("MeanEstimator.mean: see README.md, part 1")

    @property
    def count(self) -> int:
        """How many samples have been seen."""
        raise NotImplementedError("MeanEstimator.count: see README.md, part 1")

    def merge(self, other: "MeanEstimator") -> "MeanEstimator":
        """Return a new estimator that has seen the samples of both. Neither of the two changes."""
        raise NotImplementedError("MeanEstimator.merge: see README.md, part 1")


# %% [markdown]
# ## Part 2: Robbins-Monro
#
# $$ w_k = w_{k-1} - a_k \, \bigl( \tilde g(w_{k-1}, \eta_k) - \text{target} \bigr), \qquad k = 1, \dots, n $$


# %%
def robbins_monro(
    g: Callable[[Tensor, torch.Generator], Tensor],
    w0: Tensor,
    step: Callable[[int], float],
    n_steps: int,
    *,
    generator: torch.Generator,
    target: float = 0.0,
) -> Tensor:
    r"""Look for the root of E g(w) = target, where E g increases and only noisy values of g can be observed.

    Calls `g(w, generator)` once a step, with the current iterate, and `step(k)` for k = 1, ..., n_steps.

    Shapes:
        w0: (*,)   g: (*,) to (*,)
        returns (n_steps + 1, *), row k is w_k and row 0 is w0

    Raises:
        ValueError: if n_steps is negative, or a step is not positive.
        FloatingPointError: if an observation is not finite.

    Source:
        Robbins and Monro, "A Stochastic Approximation Method" (1951).
    """
    raise NotImplementedError("robbins_monro: see README.md, part 2")


# %% [markdown]
# ## Part 3: What the steps do
#
# The two conditions, $\sum_k a_k = \infty$ and $\sum_k a_k^2 < \infty$, and what each of them buys.


# %%
def step_conditions(p: float, c: float = 1.0) -> tuple[bool, bool]:
    r"""Say for the steps a_k = c / k^p whether their sum is infinite, and whether the sum of their squares is finite.

    Raises:
        ValueError: if c is not positive. Any real p is allowed.

    Source:
        Robbins and Monro (1951); Blum, "Approximation Methods which Converge with Probability One" (1954).
    """
    raise NotImplementedError("step_conditions: see README.md, part 3")


# %%
def sample_weights(a: Tensor) -> Tensor:
    r"""Return what the last iterate is made of: w_n = W[0] w_0 + sum_k W[k] x_k.

    The iterates are those of w_k = w_{k-1} - a_k (w_{k-1} - x_k), for any steps a_k at all.

    Shapes:
        a: (n,), a[k - 1] is a_k
        returns (n + 1,), in a's dtype, with O(n) multiplications
    """
    raise NotImplementedError("sample_weights: see README.md, part 3")


# %%
def bias_variance(a: Tensor, bias0: float, var: float) -> tuple[float, float]:
    r"""Return E w_n - w* and Var w_n, for the iterates of `sample_weights`.

    The start is fixed, w_0 - w* = bias0, and the x_k are independent, of mean w* and variance var.

    Shapes:
        a: (n,), a[k - 1] is a_k
    """
    raise NotImplementedError("bias_variance: see README.md, part 3")


# %% [markdown]
# ## Parts 4 and 5: SGD is stochastic approximation, and its iterates averaged
#
# $$ w_k = w_{k-1} - a_k \nabla_k, \qquad \bar w_n = \frac{1}{n - b} \sum_{k = b + 1}^{n} w_k $$


# %%
class SASGD(torch.optim.Optimizer):
    r"""Stochastic gradient descent whose k-th step is schedule(k), with averaged iterates on request.

    Every parameter has its own k: it counts, from 1, the steps in which that parameter had a gradient. A param group
    may bring its own "schedule". `average` is "none" or "polyak": the average is over w_{burn_in + 1}, ..., w_k, each
    with the same weight.

    Raises:
        ValueError: if `average` is another word, or `burn_in` is negative.

    Source:
        Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging" (1992).
    """

    def __init__(
        self, params: Iterable[Any], schedule: Callable[[int], float], average: str = "none", burn_in: int = 0
    ) -> None:
        raise NotImplementedError("SASGD.__init__: see README.md, parts 4, 5")

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient; return what the closure returned, or None without one."""
        raise NotImplementedError("SASGD.step: see README.md, parts 4, 5")

    def averaged_parameters(self) -> list[Tensor]:
        """Return the averages, as new tensors in the order of the param groups.

        A parameter that has no iterate in its average yet stands in for it.

        Raises:
            RuntimeError: if `average` is "none".
        """
        raise NotImplementedError("SASGD.averaged_parameters: see README.md, part 5")

    @contextmanager
    def swap(self) -> Iterator[None]:
        """Give the parameters their averages for the length of a `with` block, and their own values back after it."""
        raise NotImplementedError("SASGD.swap: see README.md, part 5")


# %% [markdown]
# ## Part 6: Kiefer-Wolfowitz
#
# $$ w_k = w_{k-1} - a_k \hat\nabla_k, \qquad
# (\hat\nabla_k)_i = \frac{f(w_{k-1} + c_k e_i) - f(w_{k-1} - c_k e_i)}{2 c_k} $$


# %%
def kiefer_wolfowitz(
    f: Callable[[Tensor], Tensor],
    w0: Tensor,
    a: Callable[[int], float],
    c: Callable[[int], float],
    n_steps: int,
    *,
    method: str = "two_sided",
    generator: torch.Generator | None = None,
) -> Tensor:
    r"""Look for the minimum of f from values of f alone: 2 d of them a step ("two_sided"), or 2 ("spsa").

    "spsa" draws d independent signs from `generator` at each step, D, and takes
    D (f(w + c_k D) - f(w - c_k D)) / (2 c_k) for the gradient.

    Shapes:
        w0: (d,)   f: (d,) to ()
        returns (n_steps + 1, d), row k is w_k and row 0 is w0

    Raises:
        ValueError: if `method` is another word, or n_steps is negative.

    Source:
        Kiefer and Wolfowitz, "Stochastic Estimation of the Maximum of a Regression Function" (1952);
        Spall, "Multivariate Stochastic Approximation Using a Simultaneous Perturbation Gradient Approximation" (1992).
    """
    raise NotImplementedError("kiefer_wolfowitz: see README.md, part 6")


# %% [markdown]
# ## Part 7: The error, exactly
#
# $$ e_k = (1 - a_k h) \, e_{k-1} - a_k \sigma \xi_k, \qquad \bar e_k = \frac{1}{k} \sum_{j = 1}^{k} e_j $$


# %%
def linear_sa_moments(a: Tensor, h: float, sigma: float, e0: float) -> tuple[Tensor, Tensor, Tensor]:
    r"""Return the mean and the variance of e_0, ..., e_n, and the variance of the averages of e_1, ..., e_k.

    The xi_k are independent, of mean 0 and variance 1; e_0 = e0 is fixed.

    Shapes:
        a: (n,), a[k - 1] is a_k
        returns mean (n + 1,), var (n + 1,), var_avg (n,), where var_avg[k - 1] is of k iterates; float64, in O(n)

    Source:
        Polyak and Juditsky (1992), section 2.
    """
    raise NotImplementedError("linear_sa_moments: see README.md, part 7")


# %%
def optimal_gain(h: float) -> float:
    """Return the c for which the steps c / k leave the smallest n Var e_n as n grows."""
    raise NotImplementedError("optimal_gain: see README.md, part 7")


# %%
def pick_schedule(h_low: float, h_high: float) -> tuple[float, float, bool]:
    """Choose (c, p, average), for steps c / k^p, when all that is known of h is that h_low <= h <= h_high.

    Judged by n E error^2 after n = 20000 steps from e_0 = sigma / h, the error being that of e_n, or of the average of
    e_1, ..., e_n if `average`: it should be at most 2 sigma^2 / h^2, whatever h in the range, for h_high <= 10 h_low.
    """
    raise NotImplementedError("pick_schedule: see README.md, part 7")
