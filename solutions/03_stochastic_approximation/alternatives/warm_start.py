"""Starts the mean from a number that has nothing to do with the data, which a_1 = 1 erases; fills tensors in place."""

from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import torch


class MeanEstimator:
    """The recursion, from w_0 = 7."""

    def __init__(self, shape=(), dtype=torch.float64):
        self.w = torch.full(tuple(shape), 7.0, dtype=dtype)
        self.k = 1

    def update(self, x):
        """Take one more sample into account."""
        if tuple(x.shape) != tuple(self.w.shape):
            raise ValueError(f"expected the shape {tuple(self.w.shape)}")
        self.w -= (self.w - x).to(self.w.dtype) / self.k
        self.k += 1
        return torch.clone(self.w)

    @property
    def mean(self):
        """A copy of the mean."""
        if self.k == 1:
            raise ValueError("no samples yet")
        return torch.clone(self.w)

    @property
    def count(self):
        """The number of samples."""
        return self.k - 1

    def merge(self, other):
        """A third estimator: the weights of the two means are their shares of the samples."""
        both = MeanEstimator(self.w.shape, self.w.dtype)
        both.k = self.k + other.count
        if both.count:
            share = self.count / both.count
            both.w = share * self.w + (1 - share) * other.w
        return both


def robbins_monro(g, w0, step, n_steps, *, generator, target=0.0):
    """Look up all steps first, then fill the trajectory row by row."""
    if n_steps < 0:
        raise ValueError("n_steps < 0")
    a = [step(k) for k in range(1, n_steps + 1)]
    if any(not a_k > 0 for a_k in a):
        raise ValueError("the steps must be positive")
    path = torch.empty((n_steps + 1, *w0.shape), dtype=w0.dtype)
    path[0] = w0
    for k, (here, there) in enumerate(pairwise(path), 1):
        observed = g(here, generator)
        if not observed.isfinite().all():
            raise FloatingPointError(f"k = {k}")
        there.copy_(here - a[k - 1] * (observed - target))
    return path


def step_conditions(p, c=1.0):
    """By the integral test."""
    if c <= 0:
        raise ValueError("c")

    def converges(power):
        return power > 1

    return not converges(p), converges(2 * p)


def sample_weights(a):
    """From the last weight to the first."""
    weights, kept = [], 1.0
    for a_k in reversed(a.tolist()):
        weights.append(a_k * kept)
        kept *= 1 - a_k
    return torch.tensor([kept, *reversed(weights)], dtype=a.dtype)


def bias_variance(a, bias0, var):
    """By recursion, without the weights."""
    bias, variance = bias0, 0.0
    for a_k in a.tolist():
        bias = (1 - a_k) * bias
        variance = (1 - a_k) ** 2 * variance + a_k**2 * var
    return bias, variance


class SASGD(torch.optim.Optimizer):
    """Keeps sums of iterates rather than means."""

    def __init__(self, params, schedule, average="none", burn_in=0):
        if average not in {"none", "polyak"} or burn_in < 0:
            raise ValueError("average or burn_in")
        self.average, self.burn_in = average, burn_in
        super().__init__(params, {"schedule": schedule})

    def step(self, closure=None):
        """Move what has a gradient."""
        loss = closure() if closure is not None else None
        with torch.no_grad():
            for group in self.param_groups:
                for w in filter(lambda w: w.grad is not None, group["params"]):
                    self._move(w, group["schedule"])
        return loss

    def _move(self, w, schedule):
        state = self.state[w]
        if not state:
            state.update(step=torch.tensor(0), total=torch.zeros_like(w))
        state["step"] += 1
        w.add_(w.grad, alpha=-schedule(int(state["step"])))
        if state["step"] > self.burn_in:
            state["total"] += w

    def _params(self):
        return [w for group in self.param_groups for w in group["params"]]

    def averaged_parameters(self):
        """The sums, divided."""
        if self.average == "none":
            raise RuntimeError("average is none")
        return [self._mean(w, self.state.get(w)) for w in self._params()]

    def _mean(self, w, state):
        n = int(state["step"]) - self.burn_in if state else 0
        return state["total"] / n if n > 0 else w.detach().clone()

    @contextmanager
    def swap(self):
        """Exchange the data of the parameters."""
        own = [w.data for w in self._params()]
        try:
            for w, mean in zip(self._params(), self.averaged_parameters(), strict=True):
                w.data = mean
            yield
        finally:
            for w, data in zip(self._params(), own, strict=True):
                w.data = data


def kiefer_wolfowitz(f, w0, a, c, n_steps, *, method="two_sided", generator=None):
    """Two functions, one for each method."""
    estimate = {"two_sided": _two_sided, "spsa": _spsa}.get(method)
    if estimate is None or n_steps < 0:
        raise ValueError("method or n_steps")
    w, path = w0.clone(), [w0.clone()]
    for k in range(1, n_steps + 1):
        w = w - a(k) * estimate(f, w, c(k), generator)
        path.append(w)
    return torch.stack(path)


def _two_sided(f, w, c, _):
    estimate = torch.zeros_like(w)
    for i in range(w.numel()):
        ahead, behind = w.clone(), w.clone()
        ahead[i] += c
        behind[i] -= c
        estimate[i] = (f(ahead) - f(behind)) / (2 * c)
    return estimate


def _spsa(f, w, c, generator):
    D = torch.where(torch.rand(w.shape, generator=generator) < 0.5, -1.0, 1.0).to(w.dtype)
    return (f(w + c * D) - f(w - c * D)) / (2 * c * D)


def linear_sa_moments(a, h, sigma, e0):
    """With the recursion for (e_k, S_k): a 2 by 2 covariance matrix."""
    n = len(a)
    mean, var, var_avg = np.empty(n + 1), np.empty(n + 1), np.empty(n)
    mean[0], var[0] = e0, 0
    P = np.zeros((2, 2))
    for k, a_k in enumerate(a.numpy(), 1):
        r = 1 - a_k * h
        F, noise = np.array([[r, 0], [r, 1]]), np.full((2, 2), (a_k * sigma) ** 2)
        P = F @ P @ F.T + noise
        mean[k], var[k], var_avg[k - 1] = r * mean[k - 1], P[0, 0], P[1, 1] / k**2
    return torch.from_numpy(mean), torch.from_numpy(var), torch.from_numpy(var_avg)


def optimal_gain(h):
    """Where the derivative of c^2 / (2 h c - 1) is zero."""
    return h**-1


def pick_schedule(h_low, h_high):
    """Average, and take steps that decay slowly."""
    return 2 / (h_low + h_high), 0.6, True
