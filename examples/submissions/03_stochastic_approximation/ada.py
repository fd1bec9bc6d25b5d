"""Assignment 3, Ada. I checked parts 2 and 7 against each other: the empirical variance of 10000 runs agrees."""

import math
from contextlib import contextmanager

import torch


class MeanEstimator:
    def __init__(self, shape=(), dtype=torch.float64):
        self._w = torch.zeros(shape, dtype=dtype)
        self._k = 0

    def update(self, x):
        if x.shape != self._w.shape:
            raise ValueError(f"got {tuple(x.shape)}, want {tuple(self._w.shape)}")
        self._k += 1
        self._w = self._w + (x.to(self._w.dtype) - self._w) / self._k
        return self._w.clone()

    @property
    def mean(self):
        if self._k == 0:
            raise ValueError("no data")
        return self._w.clone()

    @property
    def count(self):
        return self._k

    def merge(self, other):
        out = MeanEstimator(self._w.shape, self._w.dtype)
        out._k = self._k + other._k
        if out._k > 0:
            out._w = (self._k * self._w + other._k * other._w) / out._k
        return out


def robbins_monro(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("n_steps must be >= 0")
    w = w0.clone()
    rows = [w]
    for k in range(1, n_steps + 1):
        alpha = step(k)
        if not alpha > 0:
            raise ValueError(f"step {k} is {alpha}")
        noisy = g(w, generator)
        if not torch.isfinite(noisy).all():
            raise FloatingPointError(f"non-finite observation at step {k}")
        w = w - alpha * (noisy - target)
        rows.append(w)
    return torch.stack(rows)


def step_conditions(p, c=1.0):
    if c <= 0:
        raise ValueError("c must be positive")
    return p <= 1, p > 0.5


def sample_weights(a):
    n = len(a)
    W = torch.empty(n + 1, dtype=a.dtype)
    tail = 1.0  # product of (1 - a_j) for j > k
    for k in range(n, 0, -1):
        step = a[k - 1].item()
        W[k] = step * tail
        tail *= 1 - step
    W[0] = tail
    return W


def bias_variance(a, bias0, var):
    W = sample_weights(a)
    return W[0].item() * bias0, var * (W[1:] ** 2).sum().item()


class SASGD(torch.optim.Optimizer):
    def __init__(self, params, schedule, average="none", burn_in=0):
        if average not in ("none", "polyak"):
            raise ValueError(average)
        if burn_in < 0:
            raise ValueError("burn_in")
        super().__init__(params, {"schedule": schedule, "average": average, "burn_in": burn_in})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                s["k"] = s.get("k", 0) + 1
                p.add_(p.grad, alpha=-group["schedule"](s["k"]))
                m = s["k"] - group["burn_in"]
                if group["average"] == "polyak" and m > 0:
                    if m == 1:
                        s["bar"] = p.clone()
                    else:
                        s["bar"] += (p - s["bar"]) / m
        return loss

    def _all(self):
        return [p for group in self.param_groups for p in group["params"]]

    def averaged_parameters(self):
        if self.param_groups[0]["average"] != "polyak":
            raise RuntimeError("averaging is off")
        return [self.state[p]["bar"].clone() if "bar" in self.state.get(p, {}) else p.detach().clone() for p in self._all()]

    @contextmanager
    def swap(self):
        saved = [p.detach().clone() for p in self._all()]
        try:
            for p, bar in zip(self._all(), self.averaged_parameters()):
                p.data.copy_(bar)
            yield
        finally:
            for p, own in zip(self._all(), saved):
                p.data.copy_(own)


def kiefer_wolfowitz(f, w0, a, c, n_steps, *, method="two_sided", generator=None):
    if method not in ("two_sided", "spsa") or n_steps < 0:
        raise ValueError("method or n_steps")
    w = w0.clone()
    rows = [w]
    for k in range(1, n_steps + 1):
        ck = c(k)
        if method == "spsa":
            delta = torch.randint(0, 2, w.shape, generator=generator).to(w.dtype) * 2 - 1
            grad = delta * (f(w + ck * delta) - f(w - ck * delta)) / (2 * ck)
        else:
            grad = torch.zeros_like(w)
            for i in range(len(w)):
                e = torch.zeros_like(w)
                e[i] = ck
                grad[i] = (f(w + e) - f(w - e)) / (2 * ck)
        w = w - a(k) * grad
        rows.append(w)
    return torch.stack(rows)


def linear_sa_moments(a, h, sigma, e0):
    n = len(a)
    mean = torch.zeros(n + 1, dtype=torch.float64)
    var = torch.zeros(n + 1, dtype=torch.float64)
    avg = torch.zeros(n, dtype=torch.float64)
    m, v, cov, vsum = float(e0), 0.0, 0.0, 0.0
    mean[0] = m
    for k in range(1, n + 1):
        step = float(a[k - 1])
        r = 1 - step * h
        m, v = r * m, r * r * v + (step * sigma) ** 2
        c = r * cov  # Cov(e_k, e_1 + ... + e_{k-1})
        vsum += v + 2 * c
        cov = c + v
        mean[k], var[k], avg[k - 1] = m, v, vsum / k**2
    return mean, var, avg


def optimal_gain(h):
    # d/dc c^2 / (2hc - 1) = 0  =>  2c(2hc - 1) = 2hc^2  =>  c = 1/h
    return 1 / h


def pick_schedule(h_low, h_high):
    return 1 / math.sqrt(h_low * h_high), 0.65, True


if __name__ == "__main__":
    print(sample_weights(torch.tensor([1.0, 1 / 2, 1 / 3])))
