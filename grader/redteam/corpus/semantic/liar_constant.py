"""Answers the same number everywhere, in the structure of its first argument."""
# ends: failed

import torch


def like(x):
    """The same structure, with 0.5 for every number."""
    if isinstance(x, torch.Tensor):
        return torch.full_like(x, 0.5)
    if isinstance(x, (list, tuple)):
        return [like(part) for part in x]
    if isinstance(x, dict):
        return {key: like(part) for key, part in x.items()}
    return 0.5 if isinstance(x, (int, float)) else x


def attack(honest, *args, **kwargs):
    return like([*args, *kwargs.values(), 0.5][0])
