"""Stochastic approximation. My robbins_monro stops when it has converged, that is better than a fixed n_steps."""

import torch


class MeanEstimator:
    def __init__(self, shape=(), dtype=torch.float64):
        self._mean = torch.zeros(shape, dtype=dtype)
        self._count = 0

    def update(self, x):
        if x.shape != self._mean.shape:
            raise ValueError("shape")
        self._count += 1
        self._mean = self._mean - (self._mean - x.to(self._mean.dtype)) / self._count
        return self._mean.clone()

    @property
    def mean(self):
        if self._count < 1:
            raise ValueError("nothing yet")
        return self._mean.clone()

    @property
    def count(self):
        return self._count

    def merge(self, other):
        both = MeanEstimator(self._mean.shape, self._mean.dtype)
        both._count = self._count + other._count
        if both._count:
            both._mean = (self._count * self._mean + other._count * other._mean) / both._count
        return both


def robbins_monro(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("n_steps")
    path, k, moved = [w0.clone()], 0, torch.tensor(1.0)
    while n_steps and moved.abs().max() > 1e-12:
        k += 1
        seen = g(path[-1], generator) - target
        moved = min(step(k) if k <= n_steps else step(n_steps), 0.5) * seen
        path = (path + [path[-1] - moved])[-n_steps - 1 :]
    return torch.stack(path)


def step_conditions(p, c=1.0):
    if c <= 0:
        raise ValueError("c")
    return p <= 1, p > 1 / 2


def sample_weights(a):
    kept = torch.flip(torch.cumprod(torch.flip(torch.cat([1 - a, torch.ones(1, dtype=a.dtype)]), [0]), 0), [0])
    return torch.cat([kept[:1], a * kept[1:]])


def bias_variance(a, bias0, var):
    W = sample_weights(a)
    return (W[0] * bias0).item(), (W[1:].pow(2).sum() * var).item()
