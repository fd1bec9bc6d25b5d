"""Hidden checks of part 7: the error, exactly."""

import probes
import pytest
import torch

from grader.checks import check, require


def case(rng, n=30):
    """Steps c / k^p with numbers that are drawn."""
    u = torch.rand(5, generator=rng, dtype=torch.float64).tolist()
    a = (0.5 + u[0]) / torch.arange(1, n + 1, dtype=torch.float64) ** (0.4 + 0.6 * u[1])
    return {"a": a, "h": 0.5 + u[2], "sigma": 1.5 + u[3], "e0": 2 + u[4]}


@check("moments", points=1)
def test_moments_mean(same, rng):
    """The mean of the error, from e_0 on."""
    same(probes.moment, which=0, **case(rng))


@check("moments", points=1)
def test_moments_variance(same, rng):
    """The variance of the error, from e_0 on."""
    same(probes.moment, which=1, **case(rng))


@pytest.mark.careless("dtype")
@check("moments", points=2)
def test_moments_of_the_average(same, rng):
    """The variance of the average of the errors."""
    same(probes.moment, which=2, **case(rng))


@check("moments", points=1, after=(test_moments_mean, test_moments_variance))
def test_moments_are_linear_time(candidate, rng):
    """The work grows with the number of steps, not with its square."""
    n = 1000
    written = candidate.run(probes.written_by_moments, **case(rng, n))
    require(written <= 100 * n, "the number of multiplications grows with the square of the number of steps")


@check("moments", points=1)
def test_optimal_gain(same, rng):
    """The best gain of the steps c / k."""
    same("optimal_gain", 0.2 + 3 * torch.rand((), generator=rng).item())


@check("moments", points=2)
def test_pick_schedule(candidate, reference, rng):
    """The schedule that was picked is good for every h in the range."""
    for scale in (-2, 1):
        h_low = 10 ** (scale + torch.rand((), generator=rng).item())
        c, p, average = candidate.run(probes.choice, h_low=h_low, h_high=10 * h_low)
        require(0 < c < 1e6 and abs(p) < 10, "c is not a positive number, or p is not a number of ordinary size")
        for share in (0, 0.25, 0.5, 0.75, 1):
            error = relative_error(reference, c, p, average, h_low * 10**share)
            require(error <= 2, "for some h in the range the error is larger than the handout allows")


def relative_error(reference, c, p, average, h, n=20_000):
    """The mean squared error after n steps from e_0 = sigma / h, in units of sigma^2 / (n h^2)."""
    a = c / torch.arange(1, n + 1, dtype=torch.float64) ** p
    mean, var, var_avg = reference.call("linear_sa_moments", a, h, 1.0, 1 / h)
    error = var_avg[-1] + mean[1:].mean() ** 2 if average else var[-1] + mean[-1] ** 2
    return (n * h**2 * error).item()
