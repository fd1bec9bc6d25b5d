"""The efficient order of Kingma & Ba, section 2: one scalar step size and one scaled eps. Optimizers on whole lists."""

import math
from itertools import chain

import torch


def adam_moments(grads, beta1=0.9, beta2=0.999):
    """Recur with lerp, collecting clones."""
    if len(grads) < 1:
        raise ValueError("need a gradient")
    m, v = (torch.zeros_like(grads[0]) for _ in range(2))
    out, left1, left2 = [], 1.0, 1.0
    for g in grads:
        m, v = torch.lerp(m, g, 1 - beta1), torch.lerp(v, g * g, 1 - beta2)
        left1, left2 = left1 * beta1, left2 * beta2
        out += [(m, v, m.div(1 - left1), v.div(1 - left2))]
    return out


def adam_update_(p, g, m, v, step, *, lr, betas, eps, weight_decay, decoupled):
    """Fold both corrections into the step size and eps."""
    root = math.sqrt(1 - betas[1] ** step)
    size = lr * root / (1 - betas[0] ** step)
    if decoupled:
        p.sub_(p, alpha=lr * weight_decay)
    else:
        g = g.add(p, alpha=weight_decay)
    m += (1 - betas[0]) * (g - m)
    v += (1 - betas[1]) * (g * g - v)
    p.addcdiv_(m, v.sqrt() + eps * root, value=-size)


def _roots(v, corrections, eps):
    out = torch._foreach_sqrt(v)
    torch._foreach_div_(out, corrections)
    torch._foreach_add_(out, eps)
    return out


class MyAdamW(torch.optim.Optimizer):
    """AdamW, a group at a time; the hook `_into` is where Adam differs."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, **switches):
        if any(not x >= 0 for x in (lr, eps, weight_decay)):
            raise ValueError("lr, eps and weight_decay are at least 0")
        if any(not 0 <= x < 1 for x in betas):
            raise ValueError("betas are in [0, 1)")
        switches = {"amsgrad": False, "maximize": False} | switches
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay} | switches)

    def _into(self, params, grads, group):
        torch._foreach_mul_(params, 1 - group["lr"] * group["weight_decay"])
        return grads

    @torch.no_grad()
    def step(self, closure=None):
        """Make one step."""
        with torch.enable_grad():
            loss = closure() if closure else None
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            if params:
                self._step_group(params, group)
        return loss

    def _step_group(self, params, group):
        grads = [p.grad for p in params]
        if any(g.is_sparse for g in grads):
            raise RuntimeError("sparse")
        for p in params:
            self.state[p] = self.state[p] or {
                "step": torch.zeros(()),
                "exp_avg": torch.zeros_like(p),
                "exp_avg_sq": torch.zeros_like(p),
            }
        if group["maximize"]:
            grads = torch._foreach_neg(grads)
        grads = self._into(params, grads, group)
        states = [self.state[p] for p in params]
        m, v, steps = ([s[name] for s in states] for name in ("exp_avg", "exp_avg_sq", "step"))
        (beta1, beta2), lr = group["betas"], group["lr"]
        torch._foreach_add_(steps, 1.0)
        torch._foreach_lerp_(m, grads, 1 - beta1)
        torch._foreach_mul_(v, beta2)
        torch._foreach_addcmul_(v, grads, grads, 1 - beta2)
        if group["amsgrad"]:
            for s in states:
                s["max_exp_avg_sq"] = torch.maximum(s.get("max_exp_avg_sq", s["exp_avg_sq"]), s["exp_avg_sq"])
            v = [s["max_exp_avg_sq"] for s in states]
        roots = _roots(v, [math.sqrt(1 - beta2 ** s.item()) for s in steps], group["eps"])
        torch._foreach_addcdiv_(params, m, roots, [-lr / (1 - beta1 ** s.item()) for s in steps])


class MyAdam(MyAdamW):
    """Adam: the decay goes into the gradient."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, **switches):
        super().__init__(params, lr, betas, eps, weight_decay, **switches)

    def _into(self, params, grads, group):
        return torch._foreach_add(grads, params, alpha=group["weight_decay"])


def make_param_groups(model, weight_decay):
    """Key parameters by identity."""
    trained = {id(p): p for _, p in model.named_parameters(remove_duplicate=False) if p.requires_grad}.values()
    sides = {True: [], False: []}
    for p in trained:
        sides[len(p.shape) > 1] += [p]
    return [{"params": sides[True], "weight_decay": weight_decay}, {"params": sides[False], "weight_decay": 0.0}]


def adamw_foreach_(params, grads, exp_avgs, exp_avg_sqs, steps, *, lr, betas, eps, weight_decay):
    """Count with one stacked read."""
    torch._foreach_add_(steps, torch.tensor(1.0))
    counts = torch.stack(steps).tolist()
    torch._foreach_lerp_(exp_avgs, grads, 1 - betas[0])
    torch._foreach_lerp_(exp_avg_sqs, torch._foreach_mul(grads, grads), 1 - betas[1])
    roots = _roots(exp_avg_sqs, [math.sqrt(1 - betas[1] ** t) for t in counts], eps)
    torch._foreach_mul_(params, 1 - lr * weight_decay)
    torch._foreach_addcdiv_(params, exp_avgs, roots, [-lr / (1 - betas[0] ** t) for t in counts])


class MasterAdamW:
    """All float32 tensors in one flat vector."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        self.params, self.hyper = [*params], {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        self.saved = {"count": [0] * len(self.params)}
        self.saved["master"] = [p.detach().float().clone().flatten() for p in self.params]
        self.saved["m"], self.saved["v"] = ([torch.zeros_like(w) for w in self.saved["master"]] for _ in "mv")

    def step(self):
        """Make one step."""
        s = self.saved
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            s["count"][i] += 1
            g = p.grad.detach().float().flatten()
            adam_update_(s["master"][i], g, s["m"][i], s["v"][i], s["count"][i], **self.hyper, decoupled=True)
            p.data.copy_(s["master"][i].view_as(p))

    def zero_grad(self):
        """Drop the gradients."""
        for p in chain(self.params):
            p.grad = None

    def state_dict(self):
        """Give everything."""
        return self.saved

    def load_state_dict(self, state_dict):
        """Take everything."""
        self.saved = {name: [x.clone() if torch.is_tensor(x) else x for x in xs] for name, xs in state_dict.items()}
