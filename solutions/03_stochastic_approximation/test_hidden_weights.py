"""Hidden checks of part 3: the step conditions, the weights of the samples, bias and variance."""

import probes
import pytest
import torch

from grader.checks import check, require


def steps(rng, low=0.05, high=0.9, n=12):
    """Draw steps between low and high."""
    return low + (high - low) * torch.rand(n, generator=rng, dtype=torch.float64)


def power(c, p, n):
    """The steps c / k^p."""
    return c / torch.arange(1, n + 1, dtype=torch.float64) ** p


# ---- step_conditions -------------------------------------------------------------------------------------------


@check("weights", points=2)
def test_conditions(same, rng):
    """Each condition holds for the powers p for which it should, away from their limits."""
    u, c = torch.rand(5, generator=rng).tolist(), 0.2 + 5 * torch.rand((), generator=rng).item()
    same(probes.conditions, ps=[0.1 + 0.3 * u[0], 0.55 + 0.4 * u[1], 0.75, 1.05 + u[2], 2 + u[3]], c=c)


@check("weights", points=2, after=test_conditions)
def test_conditions_at_half(same):
    """The sum of squares around p = 1/2."""
    same(probes.conditions, ps=[0.5, 0.5 - 1e-6, 0.5 + 1e-6], c=1.0)


@check("weights", points=2, after=test_conditions)
def test_conditions_at_one(same):
    """The sum around p = 1."""
    same(probes.conditions, ps=[1.0, 1.0 - 1e-6, 1.0 + 1e-6], c=1.0)


@check("weights", points=1, after=test_conditions)
def test_conditions_without_decay(same):
    """Steps that stay as they are, or grow."""
    same(probes.conditions, ps=[0.0, -0.5, -2.0], c=0.3)


@check("weights", points=1, after=test_conditions)
def test_refuses_c(candidate):
    """A c that is not positive is refused."""
    for c in (0.0, -1.0):
        candidate.raises(ValueError, probes.conditions, ps=[0.7], c=c)


# ---- sample_weights --------------------------------------------------------------------------------------------


@check("weights", points=3)
def test_weights(same, rng):
    """The weights of w_0 and of the samples, for steps of all sizes below 1."""
    same("sample_weights", steps(rng))


@check("weights", points=3)
def test_weights_of_few_steps(same, rng):
    """No step leaves w_0 as it is, and one step weighs w_0 against x_1."""
    same("sample_weights", steps(rng, n=0))
    same("sample_weights", steps(rng, n=1))


@pytest.mark.careless("dtype")
@check("weights", points=1, after=test_weights_of_few_steps)
def test_weights_dtype(same, rng):
    """The weights have the dtype of the steps."""
    for dtype in (torch.float32, torch.float16):
        same("sample_weights", steps(rng, n=1).to(dtype))


@check("weights", points=2)
def test_weights_of_the_mean(same, rng):
    """With steps 1/k all samples weigh the same."""
    same("sample_weights", power(1.0, 1.0, int(torch.randint(8, 20, (), generator=rng))))


@check("weights", points=1)
def test_weights_of_a_constant_step(same, rng):
    """With a constant step the samples are forgotten geometrically."""
    same("sample_weights", steps(rng, n=1).repeat(int(torch.randint(8, 20, (), generator=rng))))


@check("weights", points=1)
def test_weights_of_any_steps(same, rng):
    """Steps of 0, of 1 and above 1 have weights too."""
    a = steps(rng)
    a[3], a[5], a[8] = 1.0, 0.0, 1.0 + a[8]
    same("sample_weights", a)


@check("weights", points=3)
def test_weights_are_linear_time(candidate, rng):
    """The work grows with the number of steps, not with its square."""
    n = 1000
    written, weights = candidate.run(probes.written_by_weights, a=steps(rng, n=n))
    require(weights.shape == (n + 1,), "there are not n + 1 weights")
    require(abs(weights.sum() - 1) < 1e-6, "the weights do not add up to 1")
    require(written <= 100 * n, "the number of multiplications grows with the square of the number of steps")


# ---- bias_variance ---------------------------------------------------------------------------------------------


def several(rng):
    """Steps of several kinds, and numbers for the start's error and the noise."""
    u = 1 + torch.rand(2, generator=rng, dtype=torch.float64)
    schedules = [steps(rng, high=0.5), power(0.4, 0.25, 30), power(0.7, 0.75, 30), power(0.7, 2.0, 30)]
    return {"schedules": schedules, "bias0": u[0].item(), "var": u[1].item()}


@check("weights", points=6)
def test_bias(same, rng):
    """What is left of the start's error."""
    same(probes.errors, which=0, **several(rng))


@check("weights", points=5)
def test_variance(same, rng):
    """What the noise of the samples leaves in the last iterate."""
    same(probes.errors, which=1, **several(rng))


@check("weights", points=2)
def test_variance_of_the_mean(same, rng):
    """With steps 1/k the variance is that of the sample mean."""
    n, var = int(torch.randint(8, 20, (), generator=rng)), 1 + torch.rand((), generator=rng).item()
    same(probes.errors, which=1, schedules=[power(1.0, 1.0, n)], bias0=2.0, var=var)
