"""The examples of the handout. Run `pytest` or `grader check 3` in this folder. They earn no points."""

import pytest
import torch
from stochastic import (
    SASGD,
    MeanEstimator,
    bias_variance,
    kiefer_wolfowitz,
    linear_sa_moments,
    optimal_gain,
    pick_schedule,
    robbins_monro,
    sample_weights,
    step_conditions,
)


def number(x):
    """A float64 tensor without axes."""
    return torch.tensor(x, dtype=torch.float64)


def close(actual, expected):
    """Whether two tensors, or lists of numbers, are alike."""
    actual, expected = (torch.as_tensor(x, dtype=torch.float64) for x in (actual, expected))
    return actual.shape == expected.shape and torch.allclose(actual, expected, rtol=1e-9, atol=1e-11)


# ---- part 1: the mean ------------------------------------------------------------------------------------------


def test_mean_of_the_handout():
    """The samples 4, 8, 3 have the means 4, 6, 5."""
    estimator = MeanEstimator()
    for x, mean in ((4.0, 4.0), (8.0, 6.0), (3.0, 5.0)):
        got = estimator.update(number(x))
        assert close(got, mean), f"after the sample {x:g} the mean is {mean:g}, not {got}: the k-th step is 1/k"
    assert estimator.count == 3, f"three samples were seen, not {estimator.count}"


def test_mean_that_was_returned_stays():
    """A mean that was returned does not change later."""
    estimator = MeanEstimator()
    first = estimator.update(number(4.0))
    estimator.update(number(8.0))
    assert close(first, 4.0), "the tensor that update() returned first has changed: return one of the caller's own"


def test_mean_refuses():
    """There is no mean of nothing, and no sample of another shape."""
    with pytest.raises(ValueError):  # noqa: PT011 - any message will do
        _ = MeanEstimator((3,)).mean
    with pytest.raises(ValueError):  # noqa: PT011
        MeanEstimator((3,)).update(torch.ones(1, dtype=torch.float64))


def test_mean_merges():
    """The mean 2 of one sample and the mean 5 of two merge to 4."""
    one, two = MeanEstimator(), MeanEstimator()
    one.update(number(2.0))
    two.update(number(3.0))
    two.update(number(7.0))
    both = one.merge(two)
    assert both.count == 3, f"the merged estimator has seen three samples, not {both.count}"
    assert close(both.mean, 4.0), "the mean of 2, 3, 7 is 4: weigh each mean by its count"
    assert close(both.merge(MeanEstimator()).mean, 4.0), (
        "merging with an estimator that has seen nothing changes nothing"
    )


# ---- part 2: Robbins-Monro -------------------------------------------------------------------------------------


def test_robbins_monro_example_of_the_book():
    """The root of w - 10 from 20, with steps 0.5."""
    path = robbins_monro(lambda w, _: w - 10, number(20.0), lambda _: 0.5, 3, generator=torch.Generator())
    assert path.shape == (4,), f"three steps make a trajectory of four rows, row 0 is the start: {tuple(path.shape)}"
    assert close(path, [20.0, 15.0, 12.5, 11.25]), f"20, 15, 12.5, 11.25, not {path.tolist()}"


def test_robbins_monro_is_the_mean_of_part_1():
    """With g = w - x and steps 1/k the iterates are the means of 4, 8, 3."""
    samples = iter([4.0, 8.0, 3.0])
    path = robbins_monro(lambda w, _: w - next(samples), number(0.0), lambda k: 1 / k, 3, generator=torch.Generator())
    assert close(path, [0.0, 4.0, 6.0, 5.0]), f"0, then the means 4, 6, 5, not {path.tolist()}: is your first step a_1?"


def test_robbins_monro_target():
    """The root of w - 10 = -4 is 6."""
    path = robbins_monro(lambda w, _: w - 10, number(20.0), lambda _: 0.5, 60, generator=torch.Generator(), target=-4.0)
    assert close(path[-1], 6.0), f"after many steps g(w) = w - 10 is the target -4, so w is 6, not {path[-1]}"


def test_robbins_monro_refuses():
    """A step of 0 and an observation that is not a number are refused."""
    with pytest.raises(ValueError):  # noqa: PT011
        robbins_monro(lambda w, _: w, number(1.0), lambda _: 0.0, 3, generator=torch.Generator())
    with pytest.raises(FloatingPointError):
        robbins_monro(lambda w, _: w * torch.nan, number(1.0), lambda _: 0.5, 3, generator=torch.Generator())


# ---- part 3: what the steps do ---------------------------------------------------------------------------------


def test_step_conditions_of_the_handout():
    """p = 0.75 meets both conditions, p = 2 the second alone."""
    assert step_conditions(0.75) == (True, True), "k^-0.75: the sum is infinite, the sum of k^-1.5 is not"
    assert step_conditions(2.0) == (False, True), "k^-2: both sums are finite"


def test_sample_weights_of_the_handout():
    """The steps 1/k weigh all samples alike; steps of 1/2 forget."""
    got = sample_weights(torch.tensor([1.0, 1 / 2, 1 / 3], dtype=torch.float64))
    assert close(got, [0.0, 1 / 3, 1 / 3, 1 / 3]), (
        f"w_3 is the mean of three samples and nothing of w_0: {got.tolist()}"
    )
    got = sample_weights(torch.tensor([0.5, 0.5], dtype=torch.float64))
    assert close(got, [1 / 4, 1 / 4, 1 / 2]), f"w_2 = w_0 / 4 + x_1 / 4 + x_2 / 2, not {got.tolist()}"


def test_bias_variance_of_the_handout():
    """Two steps of 1/2 leave a quarter of the bias."""
    bias, variance = bias_variance(torch.tensor([0.5, 0.5], dtype=torch.float64), bias0=8.0, var=16.0)
    assert close(bias, 2.0), f"a quarter of 8 is left, not {bias}"
    assert close(variance, 5.0), f"16 (1/16 + 1/4) is 5, not {variance}"


# ---- parts 4 and 5: SGD, averaged ------------------------------------------------------------------------------


def descend(n, **settings):
    """Take n steps on w^2 / 2 from 4, with the steps 1 / (k + 1)."""
    w = torch.nn.Parameter(number(4.0))
    optimizer = SASGD([w], lambda k: 1 / (k + 1), **settings)
    for _ in range(n):
        optimizer.zero_grad()
        (w**2 / 2).backward()
        optimizer.step()
    return w, optimizer


def test_sasgd_of_the_handout():
    """Two steps on w^2 / 2 from 4."""
    assert close(descend(1)[0].detach(), 2.0), "the first step is schedule(1) = 1/2, from 4 to 2"
    assert close(descend(2)[0].detach(), 4 / 3), "the second step is schedule(2) = 1/3, from 2 to 4/3"


def test_sasgd_waits_for_a_gradient():
    """A parameter without a gradient stays, and its k waits."""
    w, optimizer = descend(1)
    optimizer.zero_grad()
    optimizer.step()
    assert close(w.detach(), 2.0), "without a gradient the parameter stays where it is"
    (w**2 / 2).backward()
    optimizer.step()
    assert close(w.detach(), 4 / 3), "the next gradient is the parameter's second, so the step is schedule(2)"


def test_averages_of_the_handout():
    """The iterates 2 and 4/3 have the average 5/3."""
    w, optimizer = descend(2, average="polyak")
    (mean,) = optimizer.averaged_parameters()
    assert close(w.detach(), 4 / 3), "averaging must not change the trajectory"
    assert close(mean, 5 / 3), f"the average of 2 and 4/3 is 5/3, not {mean.item()}: w_0 is not in it"
    with optimizer.swap():
        assert close(w.detach(), 5 / 3), "inside swap() the parameter has its average"
    assert close(w.detach(), 4 / 3), "after swap() the parameter has its own value"
    (mean,) = descend(2, average="polyak", burn_in=1)[1].averaged_parameters()
    assert close(mean, 4 / 3), "with burn_in=1 the first iterate does not count"


# ---- part 6: Kiefer-Wolfowitz ----------------------------------------------------------------------------------


def test_kiefer_wolfowitz_of_the_handout():
    """One step on w^2 from 1."""
    path = kiefer_wolfowitz(lambda w: (w**2).sum(), torch.ones(1, dtype=torch.float64), lambda _: 0.1, lambda _: 0.5, 1)
    assert close(path, [[1.0], [0.8]]), f"(1.5^2 - 0.5^2) / (2 * 0.5) is 2, so 1 goes to 0.8: {path.tolist()}"


def test_spsa_needs_two_values():
    """SPSA asks for two values of f a step, whatever the dimension."""
    asked = []

    def f(w):
        asked.append(w.clone())
        return w.sum()

    generator = torch.Generator().manual_seed(0)
    w0 = torch.zeros(5, dtype=torch.float64)
    kiefer_wolfowitz(f, w0, lambda _: 0.1, lambda _: 0.5, 3, method="spsa", generator=generator)
    assert len(asked) == 6, f"three steps ask for six values of f, not {len(asked)}"
    assert close((asked[0] - asked[1]).abs(), [1.0] * 5), "the two points are c D and -c D, where D consists of signs"


# ---- part 7: the error, exactly --------------------------------------------------------------------------------


def test_moments_of_the_handout():
    """Two steps of 1/2."""
    mean, var, var_avg = linear_sa_moments(torch.tensor([0.5, 0.5], dtype=torch.float64), h=1.0, sigma=2.0, e0=8.0)
    assert close(mean, [8.0, 4.0, 2.0]), f"the means are 8, 4, 2, not {mean.tolist()}"
    assert close(var, [0.0, 1.0, 1.25]), f"the variances are 0, 1, 1.25, not {var.tolist()}"
    assert close(var_avg, [1.0, 0.8125]), f"the variances of the averages are 1, 0.8125, not {var_avg.tolist()}"


def test_optimal_gain_beats_its_neighbours():
    """No other gain has a lower limit of n Var e_n."""
    h = 0.7
    best = optimal_gain(h)
    limit = [c**2 / (2 * h * c - 1) for c in (best, 0.99 * best, 1.01 * best)]
    assert limit[0] == min(limit), f"at h = {h} a gain near {best:g} does better"


def test_pick_schedule_is_a_schedule():
    """The choice is a positive c, a power, and whether to average."""
    c, p, average = pick_schedule(0.5, 5.0)
    assert c > 0, "c must be positive"
    assert 0 <= p <= 1, "beyond p = 1 the start is never forgotten; below 0 the steps grow"
    assert average in (True, False), "say whether to average"
