"""Part 3: what torch's own code expects of an optimizer: groups, missing gradients, closures, parameters in place."""

import probes
import pytest

from grader.checks import check

PLAIN = {"betas": (0.0, 0.0), "lr": 0.1, "eps": 1e-8, "weight_decay": 0.0}  # no corrections: a step is lr * sign(g)
CLOSE = {"rtol": 1e-5, "atol": 1e-5}  # as in test_hidden_optimizers.py

BOTH = pytest.mark.parametrize("kind", ["MyAdam", "MyAdamW"])


@check("optimizers", points=3)
@BOTH
def test_groups(same, draw, kind):
    """Each group has its own lr, betas, eps and weight_decay."""
    own = [PLAIN | {"eps": 1.0, "weight_decay": 0.5}, PLAIN | {"lr": 0.03, "eps": 0.2}]
    others = {"betas": (0.85, 0.97), "lr": 0.5, "eps": 0.3, "weight_decay": 0.0}
    case = {"params": [draw(3), draw(2, 2)], "grads": [[draw(3), draw(2, 2)] for _ in range(3)], "groups": own}
    same(probes.steps, name="the parameters", kind=kind, **case, **others, **CLOSE)


@check("optimizers", points=2)
@BOTH
def test_unused_parameter(same, draw, kind):
    """A parameter that never has a gradient stays where it is, decay or not."""
    case = {"params": [draw(4), draw(4)], "grads": [[draw(4), None] for _ in range(3)]}
    decay = [{}, {"weight_decay": 0.5 if kind == "MyAdamW" else 0.0}]
    same(probes.steps, name="the parameters", kind=kind, **case, groups=decay, **PLAIN | {"eps": 0.0}, **CLOSE)


@check("optimizers", points=2)
def test_skipped_steps(same, draw):
    """Each parameter counts its own steps: those in which it had a gradient."""
    without = ((4,), (0, 2, 3))  # steps, of each parameter
    grads = [[None if n in steps else draw(4) for steps in without] for n in range(6)]
    bold = PLAIN | {"betas": (0.85, 0.97)}
    same(probes.steps, name="the parameters", kind="MyAdam", params=[draw(4), draw(4)], grads=grads, **bold, **CLOSE)


@check("optimizers", points=1)
@BOTH
def test_step_leaves_the_gradient(same, draw, kind):
    """p.grad is left as it was."""
    plain = PLAIN | {"eps": 1.0, "weight_decay": 0.5 if kind == "MyAdam" else 0.0}
    same(probes.gradient_after_step, name="the step", kind=kind, p=draw(4), g=draw(4), **plain, **CLOSE)


@check("optimizers", points=1)
@BOTH
def test_moves_in_place(same, draw, kind):
    """Parameters move in the memory that they have, also where that is every other column of a matrix."""
    same(
        probes.steps_of_a_view,
        name="the matrix",
        kind=kind,
        whole=draw(3, 8),
        grads=[[draw(3, 4)]] * 2,
        **PLAIN,
        **CLOSE,
    )


@pytest.mark.careless("dtype")
@check("optimizers", points=1, after="adam_l2")
@BOTH
def test_closure_loss(same, draw, kind):
    """The closure is called once, and its loss returned."""
    same(
        probes.closure_step,
        name="the step",
        kind=kind,
        p=draw(4),
        goal=4 + draw(4),
        which=["calls", "loss"],
        **PLAIN,
        **CLOSE,
    )


@check("optimizers", points=1)
@BOTH
def test_closure_gradient(same, draw, kind):
    """Gradients are enabled inside the closure, and as before after the step; the step uses what the closure found."""
    which = ["enabled", "after", "p"]
    same(probes.closure_step, name="the step", kind=kind, p=draw(4), goal=4 + draw(4), which=which, **PLAIN, **CLOSE)


@check("optimizers", points=1)
@BOTH
def test_changing_rate(same, draw, kind):
    """A scheduler changes group["lr"] between steps, and the next step uses it."""
    case = {"params": [draw(4)], "grads": [[draw(4)] for _ in range(3)], "rates": [0.1, 0.05, 0.2]}
    same(probes.steps_with_rates, name="the parameters", kind=kind, **case, **PLAIN, **CLOSE)
