"""What students get wrong in part 3 about the step itself. MyAdamW inherits what replaces MyAdam.step."""

import torch

from grader.checks import misconception


def drive(opt, closure, move):
    """Make `move(p, g, state, group, decoupled)` for each parameter that has a gradient."""
    with torch.enable_grad():
        loss = None if closure is None else closure()
    for group in opt.param_groups:
        for p in group["params"]:
            if p.grad is not None:
                if p.grad.is_sparse:
                    raise RuntimeError("sparse")
                move(p, p.grad, counted(opt.state[p], p), group, opt.decoupled)
    return loss


def counted(state, p):
    """Return the state of a parameter, one step further on."""
    if not state:
        state.update(step=torch.tensor(0.0), exp_avg=torch.zeros_like(p), exp_avg_sq=torch.zeros_like(p))
    state["step"] += 1
    return state


def average_(state, g, group):
    """Take a gradient into the averages of a state, and return them and both corrections."""
    (beta1, beta2), m, v, t = group["betas"], state["exp_avg"], state["exp_avg_sq"], state["step"].item()
    m.mul_(beta1).add_((1 - beta1) * g)
    v.mul_(beta2).add_((1 - beta2) * g * g)
    if group["amsgrad"]:
        v = state["max_exp_avg_sq"] = torch.maximum(state.get("max_exp_avg_sq", v), v)
    return m, v, 1 - beta1**t, 1 - beta2**t


def right(p, g, state, group, decoupled):
    """Move a parameter as it must be moved."""
    decayed(p, g, state, group, decoupled, lambda m, v, c1, c2: m / c1 / ((v / c2).sqrt() + group["eps"]))


def decayed(p, g, state, group, decoupled, direction):
    """Move a parameter in a direction of its averages and corrections, with the decay where it must be."""
    g = -g if group["maximize"] else g
    if decoupled:
        p.mul_(1 - group["lr"] * group["weight_decay"])
    else:
        g = g + group["weight_decay"] * p
    p.sub_(group["lr"] * direction(*average_(state, g, group)))


@misconception(
    replaces="MyAdam.step",
    hint="Feed a constant gradient of 1: the first step should be lr, whatever the betas are. Is it?",
    fails=["adam", "optimizers_agree_with_torch"],
)
@torch.no_grad()
def optimizer_no_bias_corr(self, closure=None):
    def move(p, g, state, group, decoupled):
        decayed(p, g, state, group, decoupled, lambda m, v, c1, c2: m / (v.sqrt() + group["eps"]))

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="Feed a constant gradient of 1: the first step should be lr. Is v corrected as well as m?",
    fails=["adam"],
)
@torch.no_grad()
def optimizer_bc_only_first(self, closure=None):
    def move(p, g, state, group, decoupled):
        decayed(p, g, state, group, decoupled, lambda m, v, c1, c2: m / c1 / (v.sqrt() + group["eps"]))

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="Make gradients as small as eps: is eps added under the root, or to the root?",
    fails=["adam_eps"],
)
@torch.no_grad()
def optimizer_eps_inside(self, closure=None):
    def move(p, g, state, group, decoupled):
        decayed(p, g, state, group, decoupled, lambda m, v, c1, c2: m / c1 / (v / c2 + group["eps"]).sqrt())

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="Make gradients as small as eps: is eps added before v is corrected, or after?",
    fails=["adam_eps"],
)
@torch.no_grad()
def optimizer_eps_before_bc(self, closure=None):
    def move(p, g, state, group, decoupled):
        decayed(p, g, state, group, decoupled, lambda m, v, c1, c2: m * c2**0.5 / c1 / (v.sqrt() + group["eps"]))

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="With zero gradient, does MyAdamW's weight still shrink by a fixed factor? Let the decay pass by the moments.",
    fails=["adamw_decay_alone"],
)
@torch.no_grad()
def optimizer_coupled_in_adamw(self, closure=None):
    return drive(self, closure, lambda p, g, state, group, decoupled: right(p, g, state, group, False))


@misconception(
    replaces="MyAdam.step",
    hint="After one step of MyAdam with zero gradient, is exp_avg still zero? An L2 term would be seen in it.",
    fails=["adam_l2"],
)
@torch.no_grad()
def optimizer_decoupled_in_adam(self, closure=None):
    return drive(self, closure, lambda p, g, state, group, decoupled: right(p, g, state, group, True))


@misconception(
    replaces="MyAdam.step",
    hint="With zero gradient, by which factor does MyAdamW's weight shrink when you halve lr?",
    fails=["adamw_decay_alone"],
)
@torch.no_grad()
def optimizer_decay_no_lr(self, closure=None):
    def move(p, g, state, group, decoupled):
        if decoupled:
            p.mul_(1 - group["weight_decay"])
        right(p, g, state, group | {"weight_decay": 0.0} if decoupled else group, decoupled)

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="With zero gradient, does MyAdamW's weight shrink by the same factor at step 1 and at step 100?",
    fails=["adamw_decay_alone"],
)
@torch.no_grad()
def optimizer_decay_step_size(self, closure=None):
    def move(p, g, state, group, decoupled):
        (beta1, beta2), t = group["betas"], state["step"].item()
        scale = (1 - beta2**t) ** 0.5 / (1 - beta1**t) if decoupled else 1.0
        right(p, g, state, group | {"weight_decay": group["weight_decay"] * scale}, decoupled)

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="Which weight does MyAdamW's decay term use: the one before the step, or the one after it?",
    fails=["adamw_decay_of_the_old_weight"],
)
@torch.no_grad()
def optimizer_decay_after(self, closure=None):
    def move(p, g, state, group, decoupled):
        right(p, g, state, group | {"weight_decay": 0.0} if decoupled else group, decoupled)
        if decoupled:
            p.mul_(1 - group["lr"] * group["weight_decay"])

    return drive(self, closure, move)
