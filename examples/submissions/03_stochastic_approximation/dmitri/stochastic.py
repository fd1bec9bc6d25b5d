import torch

from schedules import checked, first_steps


class MeanEstimator:
    def __init__(self, shape=(), dtype=torch.float64):
        self.value = torch.zeros(shape, dtype=dtype)
        self.seen = 0

    def update(self, x):
        if x.shape != self.value.shape:
            raise ValueError("shape")
        self.seen += 1
        self.value = self.value - (self.value - x.to(self.value.dtype)) / self.seen
        return self.value.clone()

    @property
    def mean(self):
        if not self.seen:
            raise ValueError("empty")
        return self.value.clone()

    @property
    def count(self):
        return self.seen

    def merge(self, other):
        both = MeanEstimator(self.value.shape, self.value.dtype)
        both.seen = self.seen + other.seen
        if both.seen:
            both.value = (self.seen * self.value + other.seen * other.value) / both.seen
        return both


def robbins_monro(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("n_steps")
    path = [w0.clone()]
    for k, a in enumerate(first_steps(step, n_steps)):
        y = g(path[-1], generator)
        if not y.isfinite().all():
            raise FloatingPointError(f"step {k}")
        path.append(path[-1] - a * (y - target))
    return torch.stack(path)


def step_conditions(p, c=1.0):
    if c <= 0:
        raise ValueError("c")
    return p <= 1.0, p > 0.5


def sample_weights(a):
    later = torch.cat([torch.ones(1, dtype=a.dtype), (1 - a).flip(0)]).cumprod(0).flip(0)
    weights = later.clone()
    weights[1:] *= a
    return weights


def bias_variance(a, bias0, var):
    w = sample_weights(a)
    return float(w[0]) * bias0, float((w[1:] ** 2).sum()) * var


class SASGD(torch.optim.Optimizer):
    def __init__(self, params, schedule, average="none", burn_in=0):
        if average not in ("none", "polyak") or burn_in < 0:
            raise ValueError("average, burn_in")
        super().__init__(params, {"schedule": schedule, "average": average, "burn_in": burn_in})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    k = self.state[p].get("k", 0)
                    p -= checked(group["schedule"], k) * p.grad
                    self.state[p]["k"] = k + 1
        return loss
