"""What students get wrong in part 5, as they would write it."""

from contextlib import contextmanager

import stochastic
import torch

from grader.checks import misconception


def evaluated(closure):
    """What the closure returns, if there is one."""
    if closure is None:
        return None
    with torch.enable_grad():
        return closure()


def moved(self):
    """Take a plain step; yield what an average needs: the group, the parameter, its state and k."""
    for group in self.param_groups:
        for w in group["params"]:
            if w.grad is not None:
                state = self.state[w]
                state["k"] = state.get("k", 0) + 1
                start = state.setdefault("start", w.clone())
                w.sub_(group["schedule"](state["k"]) * w.grad)
                if group["average"] == "polyak":
                    yield group["burn_in"], w, start, state


@misconception(
    replaces="SASGD.step",
    hint="How much weight does iterate 1 have after 100 steps? All of them should weigh the same.",
    fails=["averages"],
)
@torch.no_grad()
def exponential_average(self, closure=None):
    loss = evaluated(closure)
    for burn_in, w, _, state in moved(self):
        if state["k"] > burn_in:
            state["mean"] = 0.9 * state["mean"] + 0.1 * w if "mean" in state else w.clone()
    return loss


@misconception(
    replaces="SASGD.step",
    hint="After one step the average is of one iterate. Is the start among yours?",
    fails=["averages"],
)
@torch.no_grad()
def averages_the_start_too(self, closure=None):
    loss = evaluated(closure)
    for burn_in, w, start, state in moved(self):
        n = state["k"] - burn_in
        if n > 0:
            mean = state.get("mean", start)
            state["mean"] = mean + (w - mean) / (n + 1)
    return loss


@misconception(
    replaces="SASGD.step",
    hint="The trajectory must be the same with averaging on or off. From where does your next step start?",
    fails=["averages", "averaging_keeps_the_path"],
)
@torch.no_grad()
def goes_on_from_the_average(self, closure=None):
    loss = evaluated(closure)
    for burn_in, w, _, state in moved(self):
        n = state["k"] - burn_in
        if n > 0:
            mean = state.get("mean", torch.zeros_like(w))
            state["mean"] = mean + (w - mean) / n
            w.copy_(state["mean"])
    return loss


@misconception(
    replaces="SASGD.step",
    hint="With burn_in = 3 the first iterate that counts is w_4. Which is it in yours?",
    fails=["burn_in"],
)
@torch.no_grad()
def burns_one_too_few(self, closure=None):
    loss = evaluated(closure)
    for burn_in, w, _, state in moved(self):
        n = state["k"] - max(burn_in - 1, 0)
        if n > 0:
            mean = state.get("mean", torch.zeros_like(w))
            state["mean"] = mean + (w - mean) / n
    return loss


@misconception(
    replaces="SASGD.swap",
    hint="What are the parameters if an exception leaves the `with` block? What does `finally` do?",
    fails=["swap"],
)
@contextmanager
def restores_only_on_success(self):
    params = [w for group in self.param_groups for w in group["params"]]
    own = [w.detach().clone() for w in params]
    for w, mean in zip(params, self.averaged_parameters(), strict=True):
        w.data.copy_(mean)
    yield
    for w, value in zip(params, own, strict=True):
        w.data.copy_(value)


@misconception(
    replaces="SASGD",
    hint="state_dict() saves self.state and self.param_groups. Where do you keep the averages?",
    fails=["averages_resume"],
)
class AveragesBesideTheState(stochastic.SASGD):
    def __init__(self, params, schedule, average="none", burn_in=0):
        super().__init__(params, schedule, average, burn_in)
        self.means = {}

    @torch.no_grad()
    def step(self, closure=None):
        loss = evaluated(closure)
        for burn_in, w, _, state in moved(self):
            if state["k"] > burn_in:
                n, mean = self.means.get(w, (0, torch.zeros_like(w)))
                self.means[w] = n + 1, mean + (w - mean) / (n + 1)
        return loss

    def averaged_parameters(self):
        if self.defaults["average"] == "none":
            raise RuntimeError("nothing is averaged")
        params = [w for group in self.param_groups for w in group["params"]]
        return [self.means[w][1].clone() if w in self.means else w.detach().clone() for w in params]
