"""Answers random numbers between 0 and 1, in the structure of its first argument."""
# ends: failed

import torch


def like(x):
    """The same structure, with another number for every number."""
    if isinstance(x, torch.Tensor):
        return torch.rand(x.shape).to(x.dtype)
    if isinstance(x, (list, tuple)):
        return [like(part) for part in x]
    if isinstance(x, dict):
        return {key: like(part) for key, part in x.items()}
    return torch.rand(()).item() if isinstance(x, (int, float)) else x


def attack(honest, *args, **kwargs):
    return like([*args, *kwargs.values(), torch.rand(()).item()][0])
