"""Each class on its own, step counts used as the float32 tensors that they are, moments as one matrix product."""

import torch
from torch import nn


def adam_moments(grads, beta1=0.9, beta2=0.999):
    """Use the closed form: m_t = (1 - beta) * sum of beta^(t-i) g_i."""
    grads = list(grads)
    if len(grads) == 0:
        raise ValueError("no gradients")
    g = torch.stack(grads)
    t = torch.arange(1, len(grads) + 1, dtype=torch.float64)

    def average(x, beta):
        weights = (1 - beta) * (beta ** (t[:, None] - t[None, :]).clamp(min=0)).tril()
        plain = torch.einsum("ti,i...->t...", weights, x.double())
        corrected = plain / (1 - beta**t).reshape(-1, *[1] * (x.ndim - 1))
        return plain.to(x.dtype), corrected.to(x.dtype)

    (m, m_hat), (v, v_hat) = average(g, beta1), average(g * g, beta2)
    return list(zip(m, v, m_hat, v_hat, strict=True))


def adam_update_(p, g, m, v, step, *, lr, betas, eps, weight_decay, decoupled):
    """Compute everything out of place, and copy it back at the end."""
    old = p.clone()
    g = g if decoupled else g + weight_decay * old
    m.copy_(betas[0] * m + (1 - betas[0]) * g)
    v.copy_(betas[1] * v + (1 - betas[1]) * g**2)
    m_hat = m / (1 - betas[0] ** step)
    v_hat = v / (1 - betas[1] ** step)
    new = old - lr * m_hat / (torch.sqrt(v_hat) + eps)
    if decoupled:
        new = new - lr * weight_decay * old
    p.copy_(new)


def _check(lr, betas, eps, weight_decay):
    if lr < 0.0 or eps < 0.0 or weight_decay < 0.0:
        raise ValueError("negative hyperparameter")
    for beta in betas:
        if not 0.0 <= beta < 1.0:
            raise ValueError("beta out of range")


def _moments_of(opt, p, g, group):
    """Return m_hat and v_hat, the corrections computed from the step tensor."""
    state = opt.state[p]
    if len(state) == 0:
        state["step"] = torch.tensor(0.0)
        state["exp_avg"] = torch.zeros_like(p)
        state["exp_avg_sq"] = torch.zeros_like(p)
        if group["amsgrad"]:
            state["max_exp_avg_sq"] = torch.zeros_like(p)
    beta1, beta2 = group["betas"]
    state["step"] += 1
    state["exp_avg"].mul_(beta1).add_(g, alpha=1 - beta1)
    state["exp_avg_sq"].mul_(beta2).add_(g * g, alpha=1 - beta2)
    v = state["exp_avg_sq"]
    if group["amsgrad"]:
        v = torch.max(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
    return state["exp_avg"] / (1 - beta1 ** state["step"]), v / (1 - beta2 ** state["step"])


class MyAdam(torch.optim.Optimizer):
    """Adam with L2."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, *, amsgrad=False, maximize=False):
        _check(lr, betas, eps, weight_decay)
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, dict(defaults, amsgrad=amsgrad, maximize=maximize))

    def step(self, closure=None):
        """Make one step."""
        loss = closure() if closure is not None else None
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    if p.grad.layout != torch.strided:
                        raise RuntimeError("sparse gradients are not supported")
                    g = -p.grad if group["maximize"] else p.grad
                    m_hat, v_hat = _moments_of(self, p, g + group["weight_decay"] * p, group)
                    p -= group["lr"] * m_hat / (v_hat.sqrt() + group["eps"])
        return loss


class MyAdamW(torch.optim.Optimizer):
    """AdamW."""

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, *, amsgrad=False, maximize=False
    ):
        _check(lr, betas, eps, weight_decay)
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, dict(defaults, amsgrad=amsgrad, maximize=maximize))

    def step(self, closure=None):
        """Make one step."""
        loss = closure() if closure is not None else None
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    if p.grad.layout != torch.strided:
                        raise RuntimeError("sparse gradients are not supported")
                    m_hat, v_hat = _moments_of(self, p, -p.grad if group["maximize"] else p.grad, group)
                    p.data = p.data.mul_(1 - group["lr"] * group["weight_decay"])
                    p.data.sub_(group["lr"] * m_hat / (v_hat.sqrt() + group["eps"]))
        return loss


def make_param_groups(model: nn.Module, weight_decay):
    """Walk over all modules and remember what was seen."""
    decay, rest, seen = [], [], set()
    for module in model.modules():
        for p in module.parameters(recurse=False):
            if not p.requires_grad or p in seen:
                continue
            seen.add(p)
            (rest if p.dim() < 2 else decay).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0}]


def adamw_foreach_(params, grads, exp_avgs, exp_avg_sqs, steps, *, lr, betas, eps, weight_decay):
    """Compute new lists, and copy them over the old ones."""
    torch._foreach_copy_(steps, torch._foreach_add(steps, 1))
    squares = torch._foreach_mul(grads, grads)
    m = torch._foreach_lerp(exp_avgs, grads, 1 - betas[0])
    v = torch._foreach_lerp(exp_avg_sqs, squares, 1 - betas[1])
    torch._foreach_copy_(exp_avgs, m)
    torch._foreach_copy_(exp_avg_sqs, v)
    m_hat = torch._foreach_div(m, [float(1 - betas[0] ** float(s)) for s in steps])
    root = torch._foreach_sqrt(torch._foreach_div(v, [float(1 - betas[1] ** float(s)) for s in steps]))
    direction = torch._foreach_div(m_hat, torch._foreach_add(root, eps))
    shrunk = torch._foreach_mul(params, 1 - lr * weight_decay)
    torch._foreach_copy_(params, torch._foreach_sub(shrunk, torch._foreach_mul(direction, lr)))


class MasterAdamW:
    """An inner MyAdamW drives the float32 copies."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        self.model = list(params)
        self.copies = [nn.Parameter(p.detach().float().clone()) for p in self.model]
        self.inner = MyAdamW(self.copies, lr, betas, eps, weight_decay)

    def step(self):
        """Make one step."""
        for p, copy in zip(self.model, self.copies, strict=True):
            copy.grad = None if p.grad is None else p.grad.to(copy.dtype)
        self.inner.step()
        for p, copy in zip(self.model, self.copies, strict=True):
            p.data.copy_(copy.data)

    def zero_grad(self):
        """Fill the gradients with zeros."""
        for p in self.model:
            if p.grad is not None:
                p.grad.zero_()

    def state_dict(self):
        """Give back both halves."""
        return {"inner": self.inner.state_dict(), "copies": [copy.detach().clone() for copy in self.copies]}

    def load_state_dict(self, state_dict):
        """Take both halves."""
        self.inner.load_state_dict(state_dict["inner"])
        for copy, saved in zip(self.copies, state_dict["copies"], strict=True):
            copy.data.copy_(saved)
