from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from averages import average_, corrected


def adam_moments(grads, beta1=0.9, beta2=0.999):
    if len(grads) == 0:
        raise ValueError("no gradients")
    m = torch.zeros_like(grads[0])
    v = torch.zeros_like(grads[0])
    out = []
    for t, g in enumerate(grads, start=1):
        m, v = m.clone(), v.clone()
        average_(m, v, g, (beta1, beta2))
        out.append((m, v, *corrected(m, v, t, (beta1, beta2))))
    return out


def adam_update_(p, g, m, v, step, *, lr, betas, eps, weight_decay, decoupled):
    g = g + weight_decay * p  # weight decay = L2 regularisation
    average_(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, step, betas)
    p -= lr * m_hat / (v_hat.sqrt() + eps)


class MyAdam(torch.optim.Optimizer):
    decoupled = False

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, *, amsgrad=False, maximize=False):
        if lr < 0:
            raise ValueError(f"bad lr {lr}")
        if eps < 0:
            raise ValueError(f"bad eps {eps}")
        if weight_decay < 0:
            raise ValueError(f"bad weight_decay {weight_decay}")
        for b in betas:
            if b < 0 or b >= 1:
                raise ValueError(f"bad beta {b}")
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                if p.grad.is_sparse:
                    raise RuntimeError("no sparse gradients")
                s = self.state[p]
                if not s:
                    s["step"] = torch.tensor(0.0)
                    s["exp_avg"] = torch.zeros_like(p)
                    s["exp_avg_sq"] = torch.zeros_like(p)
                s["step"] += 1
                adam_update_(p, p.grad, s["exp_avg"], s["exp_avg_sq"], int(s["step"]), lr=group["lr"], betas=group["betas"],
                             eps=group["eps"], weight_decay=group["weight_decay"], decoupled=self.decoupled)
        return loss


class MyAdamW(MyAdam):
    decoupled = True

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, **kwargs):
        super().__init__(params, lr, betas, eps, weight_decay, **kwargs)


def make_param_groups(model, weight_decay):
    decay, no_decay = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.ndim >= 2 else no_decay).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]

