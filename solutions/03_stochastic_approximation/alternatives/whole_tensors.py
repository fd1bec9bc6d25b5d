"""As few loops as possible; sums in float64 with a remainder, steps in the optimizer's own foreach style."""

import contextlib
import math

import torch
from torch.optim import Optimizer


class MeanEstimator:
    """A compensated sum in float64, whatever the dtype of the answer."""

    __slots__ = ("dtype", "n", "rest", "shape", "total")

    def __init__(self, shape=(), dtype=torch.float64):
        self.shape, self.dtype, self.n = torch.Size(shape), dtype, 0
        self.total = torch.zeros(self.shape, dtype=torch.float64)
        self.rest = torch.zeros(self.shape, dtype=torch.float64)

    def _add(self, x):
        y = x.double() - self.rest
        total = self.total + y
        self.rest = (total - self.total) - y
        self.total = total

    def update(self, x):
        """Add the sample and divide."""
        if x.shape != self.shape:
            raise ValueError("shape")
        self._add(x)
        self.n += 1
        return self.mean

    @property
    def mean(self):
        """The sum, divided."""
        if not self.n:
            raise ValueError("nothing seen")
        return (self.total / self.n).to(self.dtype)

    count = property(lambda self: self.n)

    def merge(self, other):
        """Add the sums."""
        both = type(self)(self.shape, self.dtype)
        for part in (self, other):
            both._add(part.total)
            both._add(-part.rest)
        both.n = self.n + other.n
        return both


def robbins_monro(g, w0, step, n_steps, *, generator, target=0.0):
    """As a generator of iterates."""
    if n_steps < 0:
        raise ValueError("n_steps")

    def iterates():
        w = w0.detach().clone()
        yield w
        for k in range(1, n_steps + 1):
            a, seen = step(k), g(w, generator)
            if a <= 0:
                raise ValueError("step")
            if bool(torch.isnan(seen).any() | torch.isinf(seen).any()):
                raise FloatingPointError(k)
            w = torch.lerp(w, w - (seen - target), float(a))
            yield w

    return torch.stack(list(iterates()))


def step_conditions(p, c=1.0):
    """As in the handout."""
    if c <= 0:
        raise ValueError("c must be positive")
    return bool(p <= 1), bool(2 * p > 1)


def sample_weights(a):
    """Products of the suffixes."""
    suffix = torch.ones(len(a) + 1, dtype=a.dtype)
    if len(a):
        suffix[:-1] = torch.cumprod((1 - a).flip(0), 0).flip(0)
    weights = suffix.clone()
    weights[1:] *= a
    return weights


def bias_variance(a, bias0, var):
    """As two dot products."""
    first, rest = sample_weights(a).split([1, len(a)])
    return bias0 * first.item(), var * torch.dot(rest, rest).item()


class SASGD(Optimizer):
    """The state of a parameter is a count and a mean."""

    def __init__(self, params, schedule, average="none", burn_in=0):
        if average not in ("none", "polyak"):
            raise ValueError("average")
        if burn_in < 0:
            raise ValueError("burn_in")
        super().__init__(params, {"schedule": schedule, "average": average, "burn_in": burn_in})

    @torch.no_grad()
    def step(self, closure=None):
        """Move all parameters of a group at once."""
        loss = torch.enable_grad()(closure)() if closure else None
        for group in self.param_groups:
            moving = [w for w in group["params"] if w.grad is not None]
            for w in moving:
                self.state[w].setdefault("count", 0)
                self.state[w]["count"] += 1
            counts = [self.state[w]["count"] for w in moving]
            for w, k in zip(moving, counts, strict=True):
                w -= w.grad * group["schedule"](k)
            self._average(group, moving, counts)
        return loss

    def _average(self, group, moving, counts):
        for w, k in zip(moving, counts, strict=True):
            n = k - group["burn_in"]
            if group["average"] == "polyak" and n == 1:
                self.state[w]["mean"] = w.clone()
            elif group["average"] == "polyak" and n > 1:
                self.state[w]["mean"].lerp_(w, 1 / n)

    def averaged_parameters(self):
        """Copies of the means."""
        if any(group["average"] == "none" for group in self.param_groups):
            raise RuntimeError("none")
        return [
            (self.state[w]["mean"] if "mean" in self.state[w] else w.detach()).clone()
            for group in self.param_groups
            for w in group["params"]
        ]

    @contextlib.contextmanager
    def swap(self):
        """Register the way back before going in."""
        params = [w for group in self.param_groups for w in group["params"]]
        with contextlib.ExitStack() as stack:
            for w, mean in zip(params, self.averaged_parameters(), strict=True):
                stack.callback(w.data.copy_, w.data.clone())
                w.data.copy_(mean)
            yield self


def kiefer_wolfowitz(f, w0, a, c, n_steps, *, method="two_sided", generator=None):
    """Matrices of directions, whose slopes are weighted and added."""
    if method not in {"two_sided", "spsa"}:
        raise ValueError("method")
    if n_steps < 0:
        raise ValueError("n_steps")
    path = torch.empty(n_steps + 1, len(w0), dtype=w0.dtype)
    path[0] = w0
    for k in range(1, n_steps + 1):
        D = torch.eye(len(w0), dtype=w0.dtype)
        if method == "spsa":
            D = torch.empty(1, len(w0), dtype=w0.dtype).bernoulli_(0.5, generator=generator) * 2 - 1
        points = torch.cat([path[k - 1] + c(k) * D, path[k - 1] - c(k) * D])
        points = points.view(2, *D.shape).transpose(0, 1)  # (directions, 2, d): a pair for each direction
        values = torch.tensor([[float(f(w)) for w in pair] for pair in points], dtype=w0.dtype)
        path[k] = path[k - 1] - a(k) * ((values[:, 0] - values[:, 1]) / (2 * c(k))) @ D
    return path


def linear_sa_moments(a, h, sigma, e0):
    """With products and sums of the steps in Python's own numbers."""
    means, variances, of_average = [float(e0)], [0.0], []
    with_sum = second = 0.0
    for k, step in enumerate(map(float, a), 1):
        keep, kick = 1.0 - step * h, (step * sigma) ** 2
        means.append(means[-1] * keep)
        variances.append(math.fsum([keep * keep * variances[-1], kick]))
        with_sum = keep * with_sum + variances[-1]
        second += 2 * with_sum - variances[-1]
        of_average.append(second / (k * k))
    return tuple(torch.as_tensor(numbers, dtype=torch.float64) for numbers in (means, variances, of_average))


def optimal_gain(h):
    """One over the slope."""
    return 1.0 / h


def pick_schedule(h_low, h_high):
    """The steps suit a flat g; averaging puts up with the rest."""
    return 2 / (h_low + math.sqrt(h_low * h_high)), 2 / 3, True
