"""Part 2: each ingredient of the step is looked at where the others cannot be seen.

At step 10000 both corrections are 1, with eps = 0 its place does not matter, and with a zero gradient there is nothing
but the decay.
"""

import probes
import pytest
import torch

from grader.checks import assert_close, check

LATE = 10_000
BETAS = (0.85, 0.97)


@pytest.fixture(name="late")
def after_many_steps(draw):
    """A parameter with moments as they are after many steps, and one gradient more."""
    return {"p": draw(3, 4), "m": draw(3, 4), "v": draw(3, 4).square(), "grads": [draw(3, 4)], "first": LATE}


EARLY = pytest.mark.parametrize("first", [1, 10])


def zeros(*shape):
    """Return the moments before the first step."""
    return {name: torch.zeros(shape, dtype=torch.float64) for name in ("m", "v")}


def small(case):
    """Return what gradients a thousandth of their size would have made of the averages, and one such gradient."""
    return {"m": 1e-3 * case["m"], "v": 1e-6 * case["v"], "grads": [1e-3 * g for g in case["grads"]]}


def hyper(*, lr=0.1, eps=0.0, weight_decay=0.0, decoupled=False):
    """Return the hyperparameters, eps and decay off unless a check is about them."""
    return {"lr": lr, "betas": BETAS, "eps": eps, "weight_decay": weight_decay, "decoupled": decoupled}


@check("update", points=3)
def test_update_averages(same, late):
    """The two averages take the gradient in, in place."""
    same(probes.update, name="the tensors", **late, which="mv", **hyper())


@check("update", points=2)
def test_direction(same, late):
    """The parameter moves by lr * m_hat / sqrt(v_hat), against the gradient and in place."""
    same(probes.update, name="the tensors", **late, which="p", **hyper())


@check("update", points=4)
@EARLY
def test_update_bias_correction(same, late, first):
    """The first steps are made with corrected averages."""
    same(probes.update, name="the tensors", **late | {"first": first}, which="p", **hyper())


@check("update", points=3)
def test_eps_outside_the_root(same, late):
    """eps is added to the root, not under it."""
    same(probes.update, name="the tensors", **late | small(late), which="p", **hyper(eps=1e-3))


@check("update", points=2)
@EARLY
def test_eps_after_the_correction(same, late, first):
    """In the first steps, eps is added to the root of the corrected average."""
    same(probes.update, name="the tensors", **late | small(late) | {"first": first}, which="p", **hyper(eps=1e-3))


@check("update", points=3)
def test_l2(same, late):
    """With decoupled=False the decay is part of the gradient, and so of the averages."""
    same(probes.update, name="the tensors", **late, which="pmv", **hyper(weight_decay=0.5))


@check("update", points=3)
def test_decay_alone(same, draw):
    """With decoupled=True and a zero gradient the weight shrinks by the same factor at each step."""
    case = {"p": draw(3, 4), **zeros(3, 4), "grads": [torch.zeros(3, 4, dtype=torch.float64)] * 4, "first": 1}
    same(
        probes.update,
        name="the tensors",
        **case,
        which="p",
        **hyper(weight_decay=0.5, eps=1e-8, decoupled=True),
    )


@check("update", points=2)
def test_decay_of_the_old_weight(same, late):
    """With decoupled=True it is the weight before the step that decays."""
    same(probes.update, name="the tensors", **late, which="p", **hyper(weight_decay=0.5, decoupled=True))


@pytest.mark.careless("inputs")
@check("update", points=1)
def test_update_leaves_the_gradient(same, late):
    """The gradient is left as it was."""
    same(probes.update, name="the tensors", **late, which="pg", **hyper(weight_decay=0.5))


@check("update", points=1)
def test_update_of_a_view(same, draw):
    """A parameter that is a view, every other column of a matrix, moves within that matrix."""
    case = {"whole": draw(3, 8), "g": draw(3, 4), **zeros(3, 4)}
    same(probes.update_of_a_view, name="the matrix", **case, **hyper() | {"betas": (0.0, 0.0)})


@check("update", points=1)
@pytest.mark.parametrize(("name", "dtype"), [("Adam", torch.float32), ("AdamW", torch.float64)], ids=["Adam", "AdamW"])
def test_update_agrees_with_torch(candidate, by_torch, draw, name, dtype):
    """Eight bold steps end where torch's own optimizer ends."""
    p, grads = draw(3, 4, dtype=dtype), [draw(3, 4, dtype=dtype) for _ in range(8)]
    bold = {"lr": 0.1, "betas": BETAS, "eps": 1e-6, "weight_decay": 0.5}
    (expected,), _ = by_torch(name, [p], [[g] for g in grads], **bold)
    case = {"p": p, "m": torch.zeros_like(p), "v": torch.zeros_like(p), "grads": grads, "first": 1, "which": "p"}
    actual = candidate.run(probes.update, **case, **bold, decoupled=name == "AdamW")["p"]
    assert_close(actual, expected, name="the parameter after eight steps")
