import torch


class MeanEstimator:
    """Running mean."""

    def __init__(self, shape=(), dtype=torch.float64):
        self.shape = shape
        self.dtype = dtype
        self.m = torch.zeros(shape, dtype=dtype)
        self.n = 0

    def update(self, x):
        assert x.shape == self.m.shape, "wrong shape"
        self.n = self.n + 1
        self.m = self.m - 1 / self.n * (self.m - x)
        return self.m

    @property
    def mean(self):
        return self.m

    @property
    def count(self):
        return self.n

    def merge(self, other):
        raise NotImplementedError  # TODO


def robbins_monro(g, w0, step, n_steps, *, generator, target=0.0):
    w = w0
    ws = [w]
    for k in range(1, n_steps + 1):
        w = w - step(k) * (g(w, generator) - target)
        ws.append(w)
    return torch.stack(ws)


def step_conditions(p, c=1.0):
    first = p <= 1
    second = 2 * p > 1
    return (first, second)


def sample_weights(a):
    n = a.shape[0]
    w = []
    for k in range(n + 1):
        prod = 1.0
        for j in range(k, n):
            prod = prod * (1 - a[j])
        if k > 0:
            prod = prod * a[k - 1]
        w.append(prod)
    return torch.tensor(w, dtype=a.dtype)


def bias_variance(a, bias0, var):
    raise NotImplementedError("bias_variance: see README.md, part 3")


class SASGD(torch.optim.Optimizer):
    def __init__(self, params, schedule, average="none", burn_in=0):
        super().__init__(params, dict(schedule=schedule))
        self.k = 0

    def step(self, closure=None):
        self.k += 1
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.data -= group["schedule"](self.k) * p.grad
