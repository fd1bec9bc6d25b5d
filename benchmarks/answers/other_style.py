# ruff: noqa
import torch


def softmax(x, dim=-1):
    return (x - torch.logsumexp(x, dim=dim, keepdim=True)).exp()


def attention(q, k, v, *, causal=False):
    T, S = q.shape[-2], k.shape[-2]
    scores = torch.einsum("...td,...sd->...ts", q, k) * q.shape[-1] ** -0.5
    if causal:
        scores = scores + torch.full((T, S), float("-inf"), dtype=scores.dtype).triu(diagonal=1)
    return torch.einsum("...ts,...se->...te", softmax(scores), v)


class Momentum:
    def __init__(self, lr, mu=0.9):
        if lr < 0.0:
            raise ValueError("negative learning rate")
        self.lr = lr
        self.mu = mu
        self.velocity = {}

    def step(self, weights, gradients):
        new = []
        for i in range(len(weights)):
            if i in self.velocity:
                self.velocity[i] = self.mu * self.velocity[i] + gradients[i]
            else:
                self.velocity[i] = gradients[i].clone()
            new.append(weights[i] - self.lr * self.velocity[i])
        return new
