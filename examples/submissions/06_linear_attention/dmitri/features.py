"""Feature maps, in a file of their own."""

import torch


def elu1(x):
    return torch.where(x > 0, x + 1, torch.exp(x.clamp(max=0)))


def relu(x):
    return x.clamp(min=0)


def taylor1(x):
    length = x.norm(dim=-1, keepdim=True)
    return torch.cat([torch.ones_like(length), x / length.clamp(min=1e-12)], dim=-1)
