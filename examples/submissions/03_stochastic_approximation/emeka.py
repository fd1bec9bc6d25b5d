# Emeka - homework 3
import torch


class MeanEstimator:
    def __init__(self, shape=(), dtype=torch.float64):
        self.w = torch.zeros(shape, dtype=dtype)
        self.k = 0

    def update(self, x):
        if x.shape != self.w.shape:
            raise ValueError("bad shape")
        self.k += 1
        # w_{k+1} = w_k - 1/(k+1) (w_k - x_k)
        self.w = self.w - (self.w - x.to(self.w.dtype)) / (self.k + 1)
        return self.w.clone()

    @property
    def mean(self):
        if self.k == 0:
            raise ValueError("no samples")
        return self.w.clone()

    @property
    def count(self):
        return self.k

    def merge(self, other):
        m = MeanEstimator(self.w.shape, self.w.dtype)
        m.k = self.k + other.k
        if m.k:
            m.w = self.w * (self.k / m.k) + other.w * (other.k / m.k)
        return m


def robbins_monro(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("n_steps")
    w = w0.clone()
    path = [w]
    for k in range(1, n_steps + 1):
        a = step(k)
        if a <= 0:
            raise ValueError("step")
        noisy = g(w, generator)
        if not torch.isfinite(noisy).all():
            raise FloatingPointError(k)
        w -= a * (noisy - target)
        path.append(w)
    return torch.stack(path)


def step_conditions(p, c=1.0):
    if c <= 0:
        raise ValueError("c")
    return p <= 1, p >= 0.5


def sample_weights(a):
    W = [1.0]
    for step in a.tolist():
        W.append(step * W[0])
        W[0] = W[0] * (1 - step)
    return torch.tensor(W, dtype=a.dtype)


def bias_variance(a, bias0, var):
    # own recursion, did not trust my weights
    bias, variance = bias0, var
    for step in a.tolist():
        bias *= 1 - step
        variance = (1 - step) ** 2 * variance + step**2 * var
    return bias, variance


class SASGD(torch.optim.Optimizer):
    def __init__(self, params, schedule, average="none", burn_in=0):
        if average not in ("none", "polyak") or burn_in < 0:
            raise ValueError("average / burn_in")
        super().__init__(params, dict(schedule=schedule))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                state["k"] = state.get("k", 0) + 1
                if p.grad is not None:
                    p -= group["schedule"](state["k"]) * p.grad
        return loss
