"""Part 6: the two switches, each alone, and both against torch."""

import probes
import pytest

from grader.checks import assert_close, check

BOLD = {"betas": (0.85, 0.97), "lr": 0.1, "eps": 1e-8, "weight_decay": 0.0}
CLOSE = {"rtol": 1e-5, "atol": 1e-5}  # as in test_hidden_optimizers.py

BOTH = pytest.mark.parametrize("kind", ["MyAdam", "MyAdamW"])


@pytest.fixture(name="case")
def fading(draw):
    """A parameter whose gradients fade, so that the largest v is not the last."""
    return {"params": [draw(6)], "grads": [[0.5**n * draw(6)] for n in range(8)]}


@check("amsgrad", points=2)
@BOTH
def test_amsgrad(same, case, kind):
    """amsgrad divides by the largest v so far, corrected after the maximum was taken."""
    same(probes.steps, name="the parameters", kind=kind, **case, **BOLD, amsgrad=True, **CLOSE)


@check("amsgrad", points=1)
@BOTH
def test_maximize(same, case, kind):
    """maximize turns the gradient round and nothing else: the decay still shrinks."""
    plain = {"betas": (0.0, 0.0), "lr": 0.1, "eps": 1.0, "weight_decay": 0.5}
    same(probes.steps, name="the parameters", kind=kind, **case, **plain, maximize=True, **CLOSE)


@check("amsgrad", points=1)
@BOTH
def test_switches_agree_with_torch(candidate, by_torch, case, kind):
    """With both switches eight bold steps end where torch's own optimizer ends."""
    bold = BOLD | {"eps": 1e-6, "weight_decay": 0.5, "amsgrad": True, "maximize": True}
    expected, _ = by_torch(kind.removeprefix("My"), **case, **bold)
    actual = candidate.run(probes.steps, kind=kind, **case, **bold)
    assert_close(actual, expected, name="the parameters after eight steps", **CLOSE)
