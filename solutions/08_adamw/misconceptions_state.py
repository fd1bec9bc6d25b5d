"""What students get wrong in parts 4 and 6, as they would write it."""

import torch
from misconceptions_optimizers import decayed, drive, right

from grader.checks import misconception


@misconception(
    replaces="MyAdam.step",
    hint="Resume forgot the past: what does state_dict() save? Only what is in self.state and self.param_groups.",
    fails=["resume", "state_entries"],
)
@torch.no_grad()
def state_outside(self, closure=None):
    self.__dict__.setdefault("own", {})

    def move(p, g, state, group, decoupled):
        mine = self.own.setdefault(p, {name: torch.zeros_like(x) for name, x in state.items()})
        mine["step"] += 1
        state.clear()
        right(p, g, mine, group, decoupled)

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="Print the keys of torch.optim.AdamW's state for a parameter, and those of yours.",
    fails=["state_entries", "state_from_torch", "state_to_torch"],
)
@torch.no_grad()
def state_named_otherwise(self, closure=None):
    renamed(self.state, {"t": "step", "m": "exp_avg", "v": "exp_avg_sq"})
    loss = drive(self, closure, right)
    renamed(self.state, {"step": "t", "exp_avg": "m", "exp_avg_sq": "v"})
    return loss


def renamed(states, names):
    """Give the entries of each state other names."""
    for state in states.values():
        for old in [name for name in names if name in state]:
            state[names[old]] = state.pop(old)


@misconception(
    replaces="MyAdam.step",
    hint="What is type(state['step']), and what is it in the state of torch.optim.AdamW?",
    fails=["state_entries"],
)
@torch.no_grad()
def step_as_int(self, closure=None):
    for state in self.state.values():
        if "step" in state:
            state["step"] = torch.tensor(float(state["step"]))
    loss = drive(self, closure, right)
    for state in self.state.values():
        state["step"] = int(state["step"])
    return loss


@misconception(
    replaces="MyAdam.step",
    hint="AMSGrad keeps a maximum: of v as it is, or of v corrected? The handout pins one of them, with a number.",
    fails=["amsgrad", "switches_agree_with_torch"],
)
@torch.no_grad()
def ams_max_of_hat(self, closure=None):
    def move(p, g, state, group, decoupled):
        def direction(m, v, c1, c2):  # group is the one with the switch; decayed() gets one without
            v_hat = v / c2
            if group["amsgrad"]:
                v_hat = state["max_v_hat"] = torch.maximum(state.get("max_v_hat", v_hat), v_hat)
            return m / c1 / (v_hat.sqrt() + group["eps"])

        decayed(p, g, state, {**group, "amsgrad": False}, decoupled, direction)

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="Where does your step() look at group['amsgrad'] and group['maximize']?",
    fails=["amsgrad", "maximize", "switches_agree_with_torch"],
)
@torch.no_grad()
def switches_ignored(self, closure=None):
    def move(p, g, state, group, decoupled):
        right(p, g, state, {**group, "amsgrad": False, "maximize": False}, decoupled)

    return drive(self, closure, move)


@misconception(
    replaces="MyAdam.step",
    hint="With maximize=True and zero gradient, does the weight still shrink? Only the gradient is turned round.",
    fails=["maximize"],
)
@torch.no_grad()
def maximize_turns_all(self, closure=None):
    def move(p, g, state, group, decoupled):
        lr = -group["lr"] if group["maximize"] else group["lr"]
        right(p, g, state, {**group, "maximize": False, "lr": lr}, decoupled)

    return drive(self, closure, move)
