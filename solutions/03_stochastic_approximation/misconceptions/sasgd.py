"""What students get wrong in part 4, as they would write it."""

import stochastic
import torch

from grader.checks import misconception


def move(self, count=lambda state, k: state.get("k", 0) + 1, schedule=lambda group: group["schedule"]):
    """Take a step, with the k and the schedule that the student has in mind."""
    for group in self.param_groups:
        for w in group["params"]:
            if w.grad is not None:
                state = self.state[w]
                state["k"] = k = count(state, state.get("k", 0))
                w.sub_(schedule(group)(k) * w.grad)
                average(group, w, state)


def average(group, w, state):
    """Keep the average of part 5, which is right."""
    n = state["n"] = state.get("n", 0) + 1
    if group["average"] == "polyak" and n > group["burn_in"]:
        mean = state.setdefault("mean", torch.zeros_like(w))
        mean.add_((w - mean) / (n - group["burn_in"]))


def evaluated(closure):
    """What the closure returns, if there is one."""
    if closure is None:
        return None
    with torch.enable_grad():
        return closure()


@misconception(
    replaces="SASGD.step",
    hint="The gradient points uphill. Which way should the parameter move?",
    fails=["sgd_descends", "sgd_steps", "sgd_groups"],
)
@torch.no_grad()
def climbs(self, closure=None):
    loss = evaluated(closure)
    move(self, schedule=lambda group: lambda k: -group["schedule"](k))
    return loss


@misconception(
    replaces="SASGD.step",
    hint="The steps are a_1, a_2, .... Which k does your first step ask the schedule for?",
    fails=["sgd_steps", "sgd_is_the_mean", "sgd_own_counters"],
)
@torch.no_grad()
def asks_for_step_zero(self, closure=None):
    loss = evaluated(closure)
    move(self, count=lambda state, k: k + 1 if "k" in state else 0)
    return loss


@misconception(
    replaces="SASGD.step",
    hint='Each of param_groups is a dict with a "schedule". Which schedule does your step look up?',
    fails=["sgd_groups"],
)
@torch.no_grad()
def one_schedule_for_all(self, closure=None):
    loss = evaluated(closure)
    move(self, schedule=lambda _: self.defaults["schedule"])
    return loss


@misconception(
    replaces="SASGD.step",
    hint="A parameter sat out two steps because it had no gradient. Which step comes next for it?",
    fails=["sgd_own_counters"],
)
@torch.no_grad()
def one_counter_for_all(self, closure=None):
    loss = evaluated(closure)
    for group in self.param_groups:
        for w in group["params"]:
            state = self.state[w]
            state["k"] = state.get("k", 0) + 1
            if w.grad is not None:
                w.sub_(group["schedule"](state["k"]) * w.grad)
                average(group, w, state)
    return loss


@misconception(
    replaces="SASGD.step",
    hint="state_dict() saves self.state and self.param_groups. Where do you keep k?",
    fails=["sgd_resumes"],
)
@torch.no_grad()
def keeps_k_beside_the_state(self, closure=None):
    loss = evaluated(closure)
    counts = self.__dict__.setdefault("counts", {})
    for group in self.param_groups:
        for w in group["params"]:
            if w.grad is not None:
                counts[w] = counts.get(w, 0) + 1
                w.sub_(group["schedule"](counts[w]) * w.grad)
                average(group, w, self.state[w])
    return loss


@misconception(
    replaces="SASGD.step",
    hint="Call step with a closure. Is it evaluated, with gradients enabled, and is its loss what comes back?",
    fails=["sgd_closure"],
)
@torch.no_grad()
def passes_over_the_closure(self, closure=None):
    move(self)


@misconception(
    replaces="SASGD",
    hint='What does SASGD(params, schedule, average="mean") average?',
    fails=["sgd_refuses"],
)
class TakesAnyWord(stochastic.SASGD):
    def __init__(self, params, schedule, average="none", burn_in=0):
        super().__init__(params, schedule)
        self.defaults.update(average=average, burn_in=burn_in)
        for group in self.param_groups:
            group.update(average=average, burn_in=burn_in)
