# ruff: noqa
import torch


class Momentum:
    def __init__(self, lr, mu=0.9):
        if lr < 0:
            raise ValueError("lr must be positive")
        self.lr = lr
        self.mu = mu
        self.u = None

    def step(self, weights, gradients):
        if self.u is None:
            self.u = [torch.zeros_like(g) for g in gradients]
        self.u = [self.mu * u + (1 - self.mu) * g for u, g in zip(self.u, gradients)]
        return [w - self.lr * u for w, u in zip(weights, self.u)]
