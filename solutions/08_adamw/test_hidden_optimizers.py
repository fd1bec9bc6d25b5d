"""Part 3: what the optimizers compute.

With betas (0, 0) there is nothing to correct and a step is g / (|g| + eps): most checks use it, so that one mistake in
the averages does not cost everything else as well.
"""

import probes
import pytest
import torch

from grader.checks import assert_close, check

PLAIN = {"betas": (0.0, 0.0), "lr": 0.1, "eps": 1e-8}
BOLD = {"betas": (0.85, 0.97), "lr": 0.1, "eps": 1e-8}
# A step count kept as a float32 tensor may be used as it is: 1 - beta**step then has float32's rounding.
CLOSE = {"rtol": 1e-5, "atol": 1e-5}

BOTH = pytest.mark.parametrize("kind", ["MyAdam", "MyAdamW"])


@check("optimizers", points=6)
def test_adam(same, draw):
    """MyAdam without decay: eight steps on a matrix and a scalar."""
    grads = [[draw(3, 4), draw()] for _ in range(8)]
    same(probes.steps, name="the parameters", kind="MyAdam", params=[draw(3, 4), draw()], grads=grads, **BOLD, **CLOSE)


@check("optimizers", points=4)
def test_adam_l2(same, draw):
    """MyAdam's decay is the L2 term, part of the gradient."""
    plain = PLAIN | {"eps": 1.0, "weight_decay": 0.5}  # with a large eps the size of the gradient can be seen
    same(
        probes.steps,
        name="the parameters",
        kind="MyAdam",
        params=[draw(6)],
        grads=[[draw(6)] for _ in range(3)],
        **plain,
        **CLOSE,
    )


@check("optimizers", points=4)
def test_adamw_decay_alone(same, draw):
    """MyAdamW with zero gradients: the weight shrinks by the same factor at each step."""
    nothing = [[torch.zeros(6, dtype=torch.float64)]] * 4
    same(
        probes.steps,
        name="the parameters",
        kind="MyAdamW",
        params=[draw(6)],
        grads=nothing,
        **BOLD,
        weight_decay=0.5,
        **CLOSE,
    )


@check("optimizers", points=4)
def test_adamw_decay_of_the_old_weight(same, draw):
    """MyAdamW decays the weight as it was before the step."""
    grads = [[draw(6)] for _ in range(3)]
    same(
        probes.steps,
        name="the parameters",
        kind="MyAdamW",
        params=[draw(6)],
        grads=grads,
        **PLAIN,
        weight_decay=0.5,
        **CLOSE,
    )


@check("optimizers", points=3)
def test_adam_eps(same, draw):
    """eps is added to the corrected root: gradients as small as eps make only half a step."""
    grads = [[1e-3 * draw(6)] for _ in range(4)]
    same(
        probes.steps,
        name="the parameters",
        kind="MyAdam",
        params=[draw(6)],
        grads=grads,
        **BOLD | {"eps": 1e-3},
        **CLOSE,
    )


@check("optimizers", points=3)
@BOTH
def test_optimizers_agree_with_torch(candidate, by_torch, draw, kind):
    """Eight bold steps, with decay and with a gradient missing now and then, end where torch's own optimizer ends."""
    params = [draw(3, 4), draw()]
    grads = [[draw(3, 4), None if n in (0, 3, 4) else draw()] for n in range(8)]
    bold = BOLD | {"eps": 1e-6, "weight_decay": 0.5}
    expected, _ = by_torch(kind.removeprefix("My"), params, grads, **bold)
    actual = candidate.run(probes.steps, kind=kind, params=params, grads=grads, **bold)
    assert_close(actual, expected, name="the parameters after eight steps", **CLOSE)


@check("optimizers", points=2, after=test_adamw_decay_alone)
@BOTH
def test_defaults(same, kind):
    """The hyperparameters have the defaults of the handout, in every group."""
    same(probes.settings, name="the list of hyperparameters", kind=kind)


@check("optimizers", points=1, after=test_adam_l2)
@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        pytest.param("MyAdam", {"lr": -0.1}, id="lr"),
        pytest.param("MyAdamW", {"eps": -1e-8}, id="eps"),
        pytest.param("MyAdamW", {"weight_decay": -0.1}, id="weight_decay"),
        pytest.param("MyAdam", {"betas": (1.0, 0.9)}, id="beta1"),
        pytest.param("MyAdamW", {"betas": (0.9, -0.1)}, id="beta2"),
    ],
)
def test_validation(candidate, kind, wrong):
    """A negative lr, eps or weight_decay, or a beta outside [0, 1), is a ValueError."""
    candidate.raises(ValueError, probes.make, kind=kind, **wrong)


@check("optimizers", points=1, after=test_adam_l2)
@BOTH
def test_sparse(candidate, kind):
    """A sparse gradient is a RuntimeError."""
    candidate.raises(RuntimeError, probes.sparse_step, kind=kind)
