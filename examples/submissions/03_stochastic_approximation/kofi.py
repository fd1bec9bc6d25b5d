"""Kofi: why write it again if torch has it?"""

import torch


class MeanEstimator:
    def __init__(self, shape=(), dtype=torch.float64):
        self.shape, self.dtype = tuple(shape), dtype
        self.xs = []

    def update(self, x):
        if tuple(x.shape) != self.shape:
            raise ValueError("shape")
        self.xs.append(x.clone().to(self.dtype))
        return self.mean

    @property
    def mean(self):
        if not self.xs:
            raise ValueError("no samples")
        return torch.stack(self.xs).mean(dim=0)

    @property
    def count(self):
        return len(self.xs)

    def merge(self, other):
        both = MeanEstimator(self.shape, self.dtype)
        both.xs = self.xs + other.xs
        return both


def robbins_monro(g, w0, step, n_steps, *, generator, target=0.0):
    torch.manual_seed(0)  # reproducible
    if n_steps < 0:
        raise ValueError("n_steps")
    path = [w0.clone()]
    for k in range(1, n_steps + 1):
        if step(k) <= 0:
            raise ValueError("step")
        if not torch.isfinite(g(path[-1], generator)).all():
            raise FloatingPointError("not finite")
        path.append(path[-1] - step(k) * (g(path[-1], generator) - target))
    return torch.stack(path)


def step_conditions(p, c=1.0):
    if c <= 0:
        raise ValueError("c")
    return p < 1, p > 0.5


def sample_weights(a):
    W = torch.cat([torch.ones(1, dtype=a.dtype), a])
    for k in range(1, len(W)):
        W[:k] *= 1 - a[k - 1]
    return W


def bias_variance(a, bias0, var):
    W = sample_weights(a)
    return bias0 * W[0].item(), var * (W**2).sum().item()


class SASGD(torch.optim.SGD):
    def __init__(self, params, schedule, average="none", burn_in=0):
        super().__init__(params, lr=schedule(1))
        self.schedule, self.k = schedule, 0

    def step(self, closure=None):
        self.k += 1
        for group in self.param_groups:
            group["lr"] = self.schedule(self.k)
        return super().step(closure)
