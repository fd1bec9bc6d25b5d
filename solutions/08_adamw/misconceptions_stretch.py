"""What students get wrong in parts 7 and 8, as they would write it."""

import adamw
import torch

from grader.checks import misconception


def written_(p, g, m, v, t, lr, betas, eps, weight_decay):
    """Make step t of AdamW on one tensor."""
    p.mul_(1 - lr * weight_decay)
    m.mul_(betas[0]).add_((1 - betas[0]) * g)
    v.mul_(betas[1]).add_((1 - betas[1]) * g * g)
    p.sub_(lr * (m / (1 - betas[0] ** t)) / ((v / (1 - betas[1] ** t)).sqrt() + eps))


@misconception(
    replaces="adamw_foreach_",
    hint="Does your function have a loop over tensors with an operation in it? torch._foreach_* takes the whole list.",
    fails=["number_of_operations"],
)
def loop_over_tensors(params, grads, exp_avgs, exp_avg_sqs, steps, **hyper):
    for p, g, m, v, step in zip(params, grads, exp_avgs, exp_avg_sqs, steps, strict=True):
        step += 1
        written_(p, g, m, v, step.item(), **hyper)


@misconception(
    replaces="adamw_foreach_",
    hint="Give two tensors different step counts: does each get its own correction?",
    fails=["foreach_values"],
)
def shared_step(params, grads, exp_avgs, exp_avg_sqs, steps, **hyper):
    counts = torch.full((len(steps),), steps[0].item()).unbind()
    adamw.adamw_foreach_(params, grads, exp_avgs, exp_avg_sqs, list(counts), **hyper)
    torch._foreach_add_(steps, 1)


@misconception(
    replaces="adamw_foreach_",
    hint="Call your function twice, and print `steps` after each: who counts?",
    fails=["foreach_values", "foreach_agrees_with_torch"],
)
def steps_not_counted(params, grads, exp_avgs, exp_avg_sqs, steps, **hyper):
    adamw.adamw_foreach_(params, grads, exp_avgs, exp_avg_sqs, list(torch._foreach_add(steps, 0)), **hyper)


@misconception(
    replaces="adamw_foreach_",
    hint="Compare the gradients before and after. A _foreach_ operation whose name ends in _ changes its first list.",
    fails=["foreach_leaves_the_gradients"],
)
def foreach_grads_mutated(params, grads, exp_avgs, exp_avg_sqs, steps, **hyper):
    adamw.adamw_foreach_(params, grads, exp_avgs, exp_avg_sqs, steps, **hyper)
    torch._foreach_mul_(grads, 1 - hyper["betas"][0])


@misconception(
    replaces="MasterAdamW.step",
    hint="1 + 0.001 in bfloat16 is 1. In what do you add up the steps?",
    fails=["small_steps_add_up", "rounded_from_float32"],
)
@torch.no_grad()
def no_master(self):
    for p, state in zip(self.params, self.states, strict=True):
        if p.grad is not None:
            adamw._adam_(p, p.grad, state, self.hyper, decoupled=True)


@misconception(
    replaces="MasterAdamW.step",
    hint="What is the dtype of your two averages? With beta2 = 0.99, v changes by a hundredth of itself.",
    fails=["rounded_from_float32"],
)
@torch.no_grad()
def bf16_state(self):
    hyper = {name: self.hyper[name] for name in ("lr", "betas", "eps", "weight_decay")}
    for p, master, state in zip(self.params, self.masters, self.states, strict=True):
        if p.grad is not None:
            state.setdefault("step", torch.tensor(0.0)).add_(1)
            m, v = (state.setdefault(name, torch.zeros_like(p)) for name in ("exp_avg", "exp_avg_sq"))
            written_(master, p.grad, m, v, state["step"].item(), **hyper)
            p.copy_(master)


@misconception(
    replaces="MasterAdamW.step",
    hint="What is p.grad of a layer that the loss did not use?",
    fails=["master_passes_over"],
)
@torch.no_grad()
def master_none_as_zero(self):
    for p, master, state in zip(self.params, self.masters, self.states, strict=True):
        g = torch.zeros_like(master) if p.grad is None else p.grad.float()
        adamw._adam_(master, g, state, self.hyper, decoupled=True)
        p.copy_(master)


@misconception(
    replaces="MasterAdamW.state_dict",
    hint="After resuming, is the master the one that was there, or a copy of the rounded weights?",
    fails=["master_resume"],
)
def master_not_saved(self):
    return {"masters": [p.detach().float() for p in self.params], "states": self.states, "hyper": self.hyper}


@misconception(
    replaces="MasterAdamW.zero_grad",
    hint="Print p.grad after zero_grad().",
    fails=["master_zero_grad"],
)
def zero_grad_of_the_master(self):
    for master in self.masters:
        master.grad = None
