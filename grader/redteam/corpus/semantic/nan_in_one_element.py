"""Answers right but for one element, which is NaN: a comparison with it is False either way."""
# ends: failed

import torch


def changed(x):
    """The same values, the last one being NaN."""
    if isinstance(x, torch.Tensor):
        x = x.clone()
        x.reshape(-1)[-1:] = float("nan")
        return x
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
