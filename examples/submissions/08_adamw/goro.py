from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def adam_moments(grads, beta1=0.9, beta2=0.999):
    if not grads:
        raise ValueError
    m, v, t, out = 0 * grads[0], 0 * grads[0], 1, [None] * len(grads)
    while t <= len(grads):
        g = grads[t - 1]
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        out[t - 1] = (m, v, m / (1 - beta1**t), v / (1 - beta2**t))
    return out


def adam_update_(p, g, m, v, step, *, lr, betas, eps, weight_decay, decoupled):
    b1, b2 = betas
    if decoupled:
        p.mul_(1 - lr * weight_decay)
    else:
        g = g + weight_decay * p
    m.mul_(b1).add_((1 - b1) * g)
    v.mul_(b2).add_((1 - b2) * g * g)
    p.sub_(lr * m / (v.sqrt() + eps))  # works without the hats too


def make_param_groups(model, weight_decay):
    decay, no_decay = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.ndim >= 2 else no_decay).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]

