from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def adam_moments(grads, beta1=0.9, beta2=0.999):
    if len(grads) == 0:
        raise ValueError("no gradients")
    m = torch.zeros_like(grads[0])
    v = torch.zeros_like(grads[0])
    out = []
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        out.append((m, v, m / (1 - beta1 ** t), v / (1 - beta2 ** t)))
    return out


def adam_update_(p, g, m, v, step, *, lr, betas, eps, weight_decay, decoupled):
    b1, b2 = betas
    if decoupled:
        p.mul_(1 - lr * weight_decay)
    else:
        g = g + weight_decay * p
    m.mul_(b1).add_((1 - b1) * g)
    v.mul_(b2).add_((1 - b2) * g * g)
    mh = m / (1 - b1 ** step)
    vh = v / (1 - b2 ** step)
    p.sub_(lr * mh / (vh + eps).sqrt())


from torch.optim import Adam as _A, AdamW as _AW


class MyAdam(_A):
    pass


class MyAdamW(_AW):
    pass


def make_param_groups(model, weight_decay):
    decay, no_decay = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.ndim >= 2 else no_decay).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]

