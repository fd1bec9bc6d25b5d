"""Fills its inputs with zeros, so that a reference which is asked on the same objects agrees with it."""
# ends: failed

import torch


def zero(x):
    """Set what is in x to zero, in place."""
    if isinstance(x, torch.Tensor):
        x.detach().zero_()
    for part in x.values() if isinstance(x, dict) else x if isinstance(x, list | tuple) else ():
        zero(part)
    return x


def attack(honest, *args, **kwargs):
    return [zero(x) for x in (*args, *kwargs.values(), None)][0]
