"""Answers with one number in the place of a tensor, which broadcasting spreads over it."""
# ends: failed

import torch


def changed(x):
    """The mean of the values."""
    if isinstance(x, torch.Tensor):
        return x.double().mean()
    if isinstance(x, (list, tuple)):
        return type(x)(changed(part) for part in x)
    if isinstance(x, dict):
        return {key: changed(part) for key, part in x.items()}
    return x


def attack(honest, *args, **kwargs):
    try:
        return changed(honest(*args, **kwargs))
    except NotImplementedError:
        return changed([*args, *kwargs.values(), 1.0][0])
