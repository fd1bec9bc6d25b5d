"""Answers right, in numbers of 16 bits, whose tolerance is wide."""
# ends: failed

import torch


def changed(x):
    """The same values, rounded."""
    if isinstance(x, torch.Tensor):
        return x.bfloat16() if x.is_floating_point() else x
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
