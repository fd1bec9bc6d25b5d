"""What students get wrong in part 3 about what torch's own code expects of an optimizer."""

import adamw
import torch
from misconceptions_optimizers import drive, right

from grader.checks import misconception


@misconception(
    replaces="MyAdam.step",
    hint="A parameter that skipped steps got the wrong correction. Whose steps do you count?",
    fails=["skipped_steps"],
)
@torch.no_grad()
def global_step(self, closure=None):
    self.count = getattr(self, "count", 0) + 1

    def move(p, g, state, group, decoupled):
        state["step"].fill_(self.count)
        right(p, g, state, group, decoupled)

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="Give a parameter no gradient at all, and a weight decay: does it move?",
    fails=["unused_parameter"],
)
@torch.no_grad()
def decay_unused(self, closure=None):
    loss = drive(self, closure, right)
    for group in self.param_groups:
        for p in group["params"]:
            if p.grad is None and self.decoupled:
                p.mul_(1 - group["lr"] * group["weight_decay"])
    return loss


@misconception(
    replaces="MyAdam.step",
    hint="What is p.grad of a layer that the loss did not use?",
    fails=["unused_parameter", "skipped_steps"],
)
@torch.no_grad()
def none_grad_crash(self, closure=None):
    loss = drive(self, closure, right)
    for group in self.param_groups:
        for p in group["params"]:
            p.grad.is_sparse  # noqa: B018  None has no such attribute
    return loss


@misconception(
    replaces="MyAdam.step",
    hint="A gradient that is None is not a gradient of zeros: do the averages of a skipped parameter fade?",
    fails=["skipped_steps"],
)
@torch.no_grad()
def none_as_zero(self, closure=None):
    with torch.enable_grad():
        loss = None if closure is None else closure()
    for group in self.param_groups:
        for p in group["params"]:
            if p.grad is None:
                p.grad = torch.zeros_like(p)
    drive(self, None, right)
    return loss


@misconception(
    replaces="MyAdam.step",
    hint="p.grad changed after step(). `g += ...` changes the tensor that g is a name of.",
    fails=["step_leaves_the_gradient"],
)
@torch.no_grad()
def step_grad_mutated(self, closure=None):
    def move(p, g, state, group, decoupled):
        if not decoupled and not group["maximize"]:
            g += group["weight_decay"] * p
            group = group | {"weight_decay": 0.0}
        right(p, g, state, group, decoupled)

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="Is p.data_ptr() the same after a step? Whoever shares the parameter's memory must see it move.",
    fails=["moves_in_place"],
)
@torch.no_grad()
def rebinds_data(self, closure=None):
    def move(p, g, state, group, decoupled):
        moved = p.detach().clone()
        right(moved, g, state, group, decoupled)
        p.data = moved

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="Print torch.is_grad_enabled() in the closure: can it call backward()?",
    fails=["closure_gradient"],
)
@torch.no_grad()
def closure_no_grad(self, closure=None):
    loss = None if closure is None else closure()
    drive(self, None, right)
    return loss


@misconception(
    replaces="MyAdam.step",
    hint="Pass a closure that prints something: when is it called?",
    fails=["closure_loss", "closure_gradient"],
)
@torch.no_grad()
def closure_ignored(self, closure=None):
    return drive(self, None, right)


@misconception(
    replaces="MyAdam.step",
    hint="What does `loss = optimizer.step(closure)` give?",
    fails=["closure_loss"],
)
@torch.no_grad()
def closure_loss_lost(self, closure=None):
    drive(self, closure, right)


@misconception(
    replaces="MyAdam.step",
    hint="Print optimizer.param_groups after a scheduler's step: where must step() read lr and the others from?",
    fails=["groups", "changing_rate"],
)
@torch.no_grad()
def settings_on_self(self, closure=None):
    def move(p, g, state, group, decoupled):
        right(p, g, state, self.defaults, decoupled)

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="What does your step() make of a gradient whose is_sparse is True? The handout says what it must do.",
    fails=["sparse"],
)
@torch.no_grad()
def sparse_made_dense(self, closure=None):
    for group in self.param_groups:
        for p in group["params"]:
            if p.grad is not None and p.grad.is_sparse:
                p.grad = p.grad.to_dense()
    return drive(self, closure, right)


@misconception(
    replaces="MyAdam.__init__",
    hint="Build an optimizer with lr=-1. When does anyone find out?",
    fails=["validation"],
)
def no_validation(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, **switches):
    hyper = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
    torch.optim.Optimizer.__init__(self, params, {**hyper, "amsgrad": False, "maximize": False, **switches})


@misconception(
    replaces="MyAdamW",
    hint="MyAdamW(params) decays, MyAdam(params) does not. What are the two defaults of weight_decay?",
    fails=["defaults"],
)
class no_decay_by_default(adamw.MyAdamW):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, **switches):
        super().__init__(params, lr, betas, eps, weight_decay, **switches)
