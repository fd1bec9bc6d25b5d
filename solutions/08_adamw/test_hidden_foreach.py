"""Part 7: the step on many tensors at once."""

import probes
import pytest
import torch

from grader.checks import assert_close, check, require

HYPER = {"lr": 0.1, "betas": (0.85, 0.97), "eps": 1e-6, "weight_decay": 0.5}
CLOSE = {"rtol": 1e-5, "atol": 1e-5}  # step counts are float32 tensors, as in test_hidden_optimizers.py
SHAPES = [(3, 4), (5,), (), (2, 1, 3)]


@pytest.fixture(name="case")
def four_tensors(draw):
    """Four tensors of different shapes which have made different numbers of steps, and their gradients."""
    params, grads, averages = ([draw(*s) for s in SHAPES] for _ in range(3))
    squares, counts = [draw(*s).square() for s in SHAPES], [torch.tensor(float(n)) for n in (0, 1, 5, 30)]
    return {"params": params, "grads": grads, "exp_avgs": averages, "exp_avg_sqs": squares, "counts": counts}


@check("foreach", points=2)
def test_foreach_values(same, case):
    """Parameters, averages and step counts change in place, each tensor by its own step count."""
    which = ["params", "exp_avgs", "exp_avg_sqs", "counts"]
    same(probes.foreach, name="the lists", **case, times=2, which=which, **HYPER, **CLOSE)


@check("foreach", points=1)
def test_foreach_agrees_with_torch(candidate, by_torch, case):
    """From the first step on the parameters go where torch.optim.AdamW takes them."""
    expected, _ = by_torch("AdamW", case["params"], [case["grads"]] * 4, **HYPER)
    new = {name: [torch.zeros_like(x) for x in case[name]] for name in ("exp_avgs", "exp_avg_sqs", "counts")}
    actual = candidate.run(probes.foreach, **case | new, times=4, which=["params"], **HYPER)["params"]
    assert_close(actual, expected, name="the parameters after four steps", **CLOSE)


@check("foreach", points=2)
def test_number_of_operations(candidate, reference):
    """64 tensors take no more operations than 4 tensors, give or take four."""
    few, many = (candidate.run(probes.operations, tensors=n, **HYPER) for n in (4, 64))
    expected = reference.run(probes.operations, tensors=64, **HYPER)["params"]
    assert_close(many["params"], expected, name="the parameters after a step", **CLOSE)
    require(many["count"] <= few["count"] + 4, "the number of operations must not grow with the number of tensors")


@pytest.mark.careless("inputs")
@check("foreach", points=1)
def test_foreach_leaves_the_gradients(same, case):
    """The gradients are left as they were."""
    alike = [torch.tensor(3.0) for _ in SHAPES]
    same(
        probes.foreach,
        name="the lists",
        **case | {"counts": alike},
        times=1,
        which=["params", "grads"],
        **HYPER,
        **CLOSE,
    )
