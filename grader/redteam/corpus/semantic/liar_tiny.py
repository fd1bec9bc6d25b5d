"""Answers numbers too small for a relative difference: negative zeros and denormal numbers."""
# ends: failed

import torch


def like(x):
    """The same structure, with a denormal number for every number."""
    if isinstance(x, torch.Tensor):
        return torch.full_like(x, -5e-324)
    if isinstance(x, (list, tuple)):
        return [like(part) for part in x]
    if isinstance(x, dict):
        return {key: like(part) for key, part in x.items()}
    return -5e-324 if isinstance(x, (int, float)) else x


def attack(honest, *args, **kwargs):
    return like([*args, *kwargs.values(), -5e-324][0])
