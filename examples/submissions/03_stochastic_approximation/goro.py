import torch


class MeanEstimator:
    def __init__(self, shape=(), dtype=torch.float64):
        self.mean = torch.zeros(shape, dtype=dtype)
        self.count = 0

    def update(self, x):
        self.count += 1
        self.mean = self.mean - (self.mean - x) / self.count
        return self.mean.clone(


def robbins_monro(g, w0, step, n_steps, *, generator, target=0.0):
    path = [w0]
    for k in range(1, n_steps + 1):
        path.append(path[-1] - step(k) * (g(path[-1], generator) - target))
    return torch.stack(path)
