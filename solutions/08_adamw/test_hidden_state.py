"""Part 4: what is saved, and what comes of it. No check here asks whether the steps themselves are right."""

import probes
import pytest
import torch

from grader.checks import assert_close, check, require

HYPER = {"lr": 0.1, "betas": (0.85, 0.97), "eps": 0.0, "weight_decay": 0.0}  # their places were part 3

BOTH = pytest.mark.parametrize("kind", ["MyAdam", "MyAdamW"])


@pytest.fixture(name="case")
def eight_steps(draw):
    """A matrix and a scalar, and eight gradients for each."""
    return {"params": [draw(3, 2), draw()], "grads": [[draw(3, 2), draw()] for _ in range(8)]}


@check("state", points=3)
def test_state_entries(same, draw):
    """The state has torch's names, shapes and dtypes: `step` float32, the averages in the parameter's own dtype."""
    kinds = [((3, 2), torch.float64), ((), torch.float32)]
    params, grads = [draw(*s, dtype=d) for s, d in kinds], [[draw(*s, dtype=d) for s, d in kinds] for _ in range(3)]
    same(probes.state_after, name="the state", kind="MyAdamW", params=params, grads=grads, **HYPER)


@check("state", points=3)
@BOTH
def test_resume(candidate, case, kind):
    """Four steps, a file, a new optimizer and four steps are the same as eight steps."""
    seen = candidate.run(probes.resumed, kind=kind, **case, stop=4, again={}, **HYPER | {"weight_decay": 0.5})
    straight = seen["without a break"]
    forgetful = zip(seen["afresh"], straight, strict=True)
    require(any((a - b).abs().max() > 1e-3 for a, b in forgetful), "what was before the break must matter after it")
    assert_close(seen["resumed"], straight, name="the parameters after resuming")


@check("state", points=2)
def test_state_from_torch(same, case, by_torch):
    """MyAdamW goes on from the state_dict of torch.optim.AdamW."""
    _, optimizer = by_torch("AdamW", case["params"], case["grads"][:4], **HYPER)
    rest = case | {"grads": case["grads"][4:], "state": optimizer.state_dict()}
    same(probes.state_after_loading, name="the state", kind="MyAdamW", **rest)


@check("state", points=2)
def test_state_to_torch(candidate, case, by_torch):
    """torch.optim.AdamW goes on from the state_dict of MyAdamW."""
    params, first, rest = case["params"], case["grads"][:4], case["grads"][4:]
    state = candidate.run(probes.saved_after, kind="MyAdamW", params=params, grads=first, **HYPER)
    _, optimizer = by_torch("AdamW", params, first, **HYPER)
    expected, _ = by_torch("AdamW", params, rest, state=optimizer.state_dict())
    try:
        actual, _ = by_torch("AdamW", params, rest, state=state)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RuntimeError):
        actual = None
    require(actual is not None, "torch.optim.AdamW must be able to go on from the state_dict")
    assert_close(actual, expected, name="the parameters after torch went on")
