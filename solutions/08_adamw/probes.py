"""Drives a student's adamw module and returns plain data. Students' code can read this: it holds no answers."""

import io

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

STATE = ("step", "exp_avg", "exp_avg_sq")  # what torch's optimizers keep for each parameter as well

# ---- part 1: moments -------------------------------------------------------------------------------------------


def moments(student, grads, which, **betas):
    """Some of the four moments after each number of gradients, each from a call of its own, as float64."""
    calls = [student.adam_moments([g.clone() for g in grads[:n]], **betas)[-1] for n in range(1, len(grads) + 1)]
    return [[last[i].double() for i in which] for last in calls]


def history(student, grads, which, **betas):
    """Some of the four moments after each gradient, all from one call, as float64."""
    return [[entry[i].double() for i in which] for entry in student.adam_moments(grads, **betas)]


def moments_as_they_are(student, grads):
    """The last moments of a call without betas, in the dtype in which they come."""
    return list(student.adam_moments(grads)[-1])


def grads_after_moments(student, grads):
    """The gradients, after a call that was given them."""
    student.adam_moments(grads)
    return grads


# ---- part 2: update --------------------------------------------------------------------------------------------


def update(student, p, m, v, grads, first, which, **hyper):
    """Some of p, m, v and g, the last gradient, after a step for each gradient, the first being step number `first`."""
    for step, g in enumerate(grads, start=first):
        student.adam_update_(p, g, m, v, step, **hyper)
    return {name: {"p": p, "m": m, "v": v, "g": g}[name] for name in which}


def update_of_a_view(student, whole, g, m, v, **hyper):
    """A whole tensor, every other column of which was the parameter."""
    student.adam_update_(whole[:, ::2], g, m, v, 1, **hyper)
    return whole


# ---- parts 3 and 6: optimizers and amsgrad ---------------------------------------------------------------------


def _optimizer(student, kind, params, groups=None, **hyper):
    """Build an optimizer on leaves of these tensors, each with a group of its own if `groups` says what is in it."""
    leaves = [nn.Parameter(p) for p in params]
    own = leaves if groups is None else [{"params": [p], **group} for p, group in zip(leaves, groups, strict=True)]
    return getattr(student, kind)(own, **hyper), leaves


def _give(leaves, grads):
    for leaf, g in zip(leaves, grads, strict=True):
        leaf.grad = None if g is None else g.clone()


def _drive(opt, leaves, grads):
    """Make one step for each entry of `grads`, which has a gradient or None for each leaf."""
    for now in grads:
        _give(leaves, now)
        opt.step()
    return [leaf.detach().clone() for leaf in leaves]


def steps(student, kind, params, grads, **hyper):
    """The parameters after some steps."""
    return _drive(*_optimizer(student, kind, params, **hyper), grads)


def steps_with_rates(student, kind, params, grads, rates, **hyper):
    """The parameters after each step, the rate of the group being set before it, as a scheduler does."""
    opt, leaves = _optimizer(student, kind, params, **hyper)
    seen = []
    for now, rate in zip(grads, rates, strict=True):
        opt.param_groups[0]["lr"] = rate
        seen.append(_drive(opt, leaves, [now]))
    return seen


def steps_of_a_view(student, kind, whole, grads, **hyper):
    """A whole tensor after some steps on every other of its columns."""
    steps(student, kind, [whole[:, ::2]], grads, **hyper)
    return whole


def make(student, kind, **hyper):
    """Build an optimizer, and nothing else."""
    _optimizer(student, kind, [torch.ones(2)], **hyper)


def settings(student, kind):
    """The hyperparameters of an optimizer that was given none."""
    opt, _ = _optimizer(student, kind, [torch.ones(2)])
    group = opt.param_groups[0]
    return [float(x) for x in (group["lr"], *group["betas"], group["eps"], group["weight_decay"])]


def gradient_after_step(student, kind, p, g, **hyper):
    """The parameter and its gradient, after a step."""
    opt, leaves = _optimizer(student, kind, [p], **hyper)
    leaves[0].grad = g
    opt.step()
    return {"p": leaves[0].detach(), "g": leaves[0].grad}


def sparse_step(student, kind):
    """Make a step with a sparse gradient."""
    opt, leaves = _optimizer(student, kind, [torch.ones(3, 2)])
    leaves[0].grad = torch.ones(3, 2).to_sparse()
    opt.step()


def closure_step(student, kind, p, goal, which, **hyper):
    """What a step made of its closure: some of calls, loss, gradient mode in it and after it, and the parameter."""
    opt, leaves = _optimizer(student, kind, [p], **hyper)
    enabled = []

    def closure():
        enabled.append(torch.is_grad_enabled())
        opt.zero_grad()
        loss = (leaves[0] - goal).square().sum()
        if loss.requires_grad:
            loss.backward()
        return loss

    loss = opt.step(closure)
    seen = {
        "calls": len(enabled),
        "loss": getattr(loss, "data", loss),
        "enabled": all(enabled),
        "after": torch.is_grad_enabled(),
    }
    return {name: (seen | {"p": leaves[0].detach()})[name] for name in which}


# ---- part 4: state ---------------------------------------------------------------------------------------------


def _through_a_file(state):
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def _entries(opt, leaves):
    state = opt.state_dict()["state"]
    return [{"kept": bool(state.get(i)), **{n: state.get(i, {}).get(n) for n in STATE}} for i in range(len(leaves))]


def state_after(student, kind, params, grads, **hyper):
    """The state of each parameter after some steps, as far as torch has the same."""
    opt, leaves = _optimizer(student, kind, params, **hyper)
    _drive(opt, leaves, grads)
    return _entries(opt, leaves)


def state_after_loading(student, kind, params, grads, state):
    """The state of each parameter after some steps that go on from a state_dict; `step` as a plain number."""
    opt, leaves = _optimizer(student, kind, params)
    opt.load_state_dict(state)
    _drive(opt, leaves, grads)
    return [{n: float(x) if n == "step" and x is not None else x for n, x in e.items()} for e in _entries(opt, leaves)]


def saved_after(student, kind, params, grads, **hyper):
    """The whole state_dict after some steps."""
    opt, leaves = _optimizer(student, kind, params, **hyper)
    _drive(opt, leaves, grads)
    return opt.state_dict()


def resumed(student, kind, params, grads, stop, again, **hyper):
    """The parameters after all steps: without a break, resumed after `stop` steps from a file, and begun afresh there.

    `again` has the hyperparameters of the optimizer that resumes.
    """
    opt, leaves = _optimizer(student, kind, params, **hyper)
    there = _drive(opt, leaves, grads[:stop])
    state = _through_a_file(opt.state_dict())
    unbroken = _drive(opt, leaves, grads[stop:])
    opt, leaves = _optimizer(student, kind, [p.clone() for p in there], **again)
    opt.load_state_dict(state)
    after = _drive(opt, leaves, grads[stop:])
    return {"without a break": unbroken, "resumed": after, "afresh": steps(student, kind, there, grads[stop:], **hyper)}


# ---- part 5: groups --------------------------------------------------------------------------------------------


class Net(nn.Module):
    """A small model: two matrices, and where asked for something of everything."""

    def __init__(self, everything=True, tied=False, frozen=False):
        super().__init__()
        self.embedding, self.head = nn.Embedding(7, 4), nn.Linear(4, 7, bias=False)
        if tied:
            self.head.weight = self.embedding.weight
        if everything:
            self.bias_table = nn.Parameter(torch.ones(3, 4))  # two axes, whatever its name says
            self.convolution = nn.Conv1d(4, 4, 3)
            self.hidden = nn.Linear(4, 4).requires_grad_(not frozen)
            self.norm = nn.LayerNorm(4)
            self.scale = nn.Parameter(torch.ones(()))


def members(student, **kind):
    """The names of the parameters in each group, sorted; one name for a parameter that has two."""
    model = Net(**kind)
    names = {id(p): name for name, p in model.named_parameters()}
    groups = student.make_param_groups(model, 0.1)
    return [sorted(names.get(id(p), "?") for p in group["params"]) for group in groups]


def listed(student, **kind):
    """The names of the parameters in any group, sorted."""
    return sorted(name for group in members(student, **kind) for name in group)


def decays(student, weight_decay):
    """The weight decay of each group, and whether there is anything in any."""
    groups = student.make_param_groups(Net(), weight_decay)
    return [float(group["weight_decay"]) for group in groups], any(list(group["params"]) for group in groups)


def sgd_on_groups(student, weight_decay, lr):
    """A matrix of ones that two layers share, after one step of torch's SGD whose gradient is zero."""
    model = Net(everything=False, tied=True)
    shared = model.head.weight
    shared.data.fill_(1.0)
    shared.grad = torch.zeros_like(shared)
    torch.optim.SGD(student.make_param_groups(model, weight_decay), lr=lr).step()
    return shared.detach()


# ---- part 7: foreach -------------------------------------------------------------------------------------------


def foreach(student, params, grads, exp_avgs, exp_avg_sqs, counts, times, which, **hyper):
    """Some of what some equal steps were given, as it is after them; of the gradients those of the last step."""
    for _ in range(times):
        now = [g.clone() for g in grads]
        student.adamw_foreach_(params, now, exp_avgs, exp_avg_sqs, counts, **hyper)
    lists = {"params": params, "grads": now, "exp_avgs": exp_avgs, "exp_avg_sqs": exp_avg_sqs, "counts": counts}
    return {name: lists[name] for name in which}


class Operations(TorchDispatchMode):
    """Counts what torch dispatches, but for the reading of single numbers."""

    count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Count it, and let it go on."""
        self.count += "_local_scalar_dense" not in str(func)
        return func(*args, **(kwargs or {}))


def operations(student, tensors, **hyper):
    """How many operations one step on this many tensors dispatches, and where it takes them."""
    params, grads, averages, squares = ([torch.full((3,), x) for _ in range(tensors)] for x in (1.0, 2.0, 0.5, 0.25))
    counts = [torch.tensor(4.0) for _ in range(tensors)]
    with Operations() as seen:
        student.adamw_foreach_(params, grads, averages, squares, counts, **hyper)
    return {"count": seen.count, "params": params}


# ---- part 8: master; `steps` drives it as well -----------------------------------------------------------------


def master_steps(student, **case):
    """The parameters after some steps, as float32: what bfloat16 rounds, the table of tolerances need not."""
    return [p.float() for p in steps(student, "MasterAdamW", **case)]


def master_resumed(student, **case):
    """The parameters with and without a break, as float32."""
    return {name: [p.float() for p in ps] for name, ps in resumed(student, "MasterAdamW", **case).items()}


def gradients_after_zero_grad(student, params):
    """What is left of the gradients."""
    opt, leaves = _optimizer(student, "MasterAdamW", params)
    _give(leaves, params)
    opt.zero_grad()
    return [leaf.grad for leaf in leaves]
