"""Answers infinity, in the structure of its first argument."""
# ends: failed

import torch


def like(x):
    """The same structure, with infinity for every number."""
    if isinstance(x, torch.Tensor):
        return x.abs() + float("inf")
    if isinstance(x, (list, tuple)):
        return [like(part) for part in x]
    if isinstance(x, dict):
        return {key: like(part) for key, part in x.items()}
    return float("inf") if isinstance(x, (int, float)) else x


def attack(honest, *args, **kwargs):
    return like([*args, *kwargs.values(), float("inf")][0])
