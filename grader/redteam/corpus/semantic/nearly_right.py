"""Answers right to three digits."""
# ends: failed

import torch


def changed(x):
    """The same values, a thousandth too large."""
    if isinstance(x, torch.Tensor):
        return x * 1.001
    if isinstance(x, (list, tuple)):
        return type(x)(changed(part) for part in x)
    if isinstance(x, dict):
        return {key: changed(part) for key, part in x.items()}
    return x * 1.001 if isinstance(x, float) else x


def attack(honest, *args, **kwargs):
    try:
        return changed(honest(*args, **kwargs))
    except NotImplementedError:
        return changed([*args, *kwargs.values(), 1.0][0])
