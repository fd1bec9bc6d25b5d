"""Part 8: many small steps in bfloat16, which vanish unless they are summed in float32."""

import probes
import pytest
import torch

from grader.checks import assert_close, check, require

HYPER = {"lr": 1e-3, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.01}
STEPS = 200
ROUGH = {"rtol": 2.0**-5, "atol": 0.0}  # a few roundings of bfloat16, where exactness is the next check's concern
MAY_DIFFER = 0.02  # of all elements: float32 sums in another order round to another bfloat16 now and then


@pytest.fixture(name="params")
def near_one(rng):
    """A thousand bfloat16 numbers between 1 and 2, where a step of 0.001 is lost."""
    return [1 + torch.rand(1000, generator=rng).bfloat16()]


@pytest.fixture(name="grads")
def with_a_sign(rng):
    """Gradients that keep their sign, and change in size from step to step."""
    sign = 1 - 2 * torch.randint(2, (1000,), generator=rng)
    return [[(sign * (0.2 + 2 * torch.rand(1000, generator=rng))).bfloat16()] for _ in range(STEPS)]


def share_that_differs(actual, expected):
    """Return the share of elements that are not equal."""
    return (actual != expected).double().mean().item()


@check("master", points=3)
def test_small_steps_add_up(same, params, grads):
    """Two hundred steps of about 0.001 each, which is the default, move a bfloat16 weight by about 0.2."""
    for hyper in (HYPER, {}):
        same(probes.steps, name="the parameters", kind="MasterAdamW", params=params, grads=grads, **hyper, **ROUGH)


@check("master", points=3)
def test_rounded_from_float32(candidate, by_torch, params, grads):
    """The weights are those of torch.optim.AdamW in float32, rounded once, at the end."""
    full = [[g.float() for g in now] for now in grads]
    (expected,), _ = by_torch("AdamW", [p.float() for p in params], full, **HYPER)
    (actual,) = candidate.run(probes.master_steps, params=params, grads=grads, **HYPER)
    rounded = expected.bfloat16().float()
    assert_close(actual, rounded, name="the weights", rtol=0.1, atol=0)
    require(share_that_differs(actual, rounded) <= MAY_DIFFER, "more than a few weights are rounded from other sums")


@check("master", points=1)
def test_master_passes_over(same, params, grads):
    """A parameter whose gradient is None stays where it is."""
    # One huge step, which bfloat16 can hold as well: what is looked at here is the second parameter.
    two = {"params": [params[0], params[0].clone()], "grads": [[grads[0][0], None]]}
    same(
        probes.master_steps, name="the weights", **two, **HYPER | {"lr": 0.5, "weight_decay": 1.0}, rtol=0.05, atol=0.05
    )


@pytest.mark.careless("dtype")
@check("master", points=2, after=test_master_passes_over)
def test_master_resume(candidate, params, grads):
    """Half the steps, a file, a new optimizer and the other half are the same as all steps, bit for bit."""
    case = {"params": params, "grads": grads, "stop": STEPS // 2, "again": HYPER}
    seen = candidate.run(probes.master_resumed, **case, **HYPER)
    straight, resumed, afresh = (seen[name][0] for name in ("without a break", "resumed", "afresh"))
    require(share_that_differs(afresh, straight) > MAY_DIFFER, "what was before the break must matter after it")
    require(share_that_differs(resumed, straight) == 0, "the weights differ after resuming")


@check("master", points=1, after=test_master_passes_over)
def test_master_zero_grad(candidate, params):
    """zero_grad forgets the gradients."""
    left = candidate.run(probes.gradients_after_zero_grad, params=params)
    require(all(g is None or not g.any() for g in left), "a gradient is left after zero_grad")
