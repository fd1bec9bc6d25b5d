"""Hidden checks of part 4: SGD is stochastic approximation."""

import probes
import pytest
import torch

from grader.checks import assert_close, check, require


def start(rng):
    """Two parameters."""
    return [torch.randn(shape, generator=rng, dtype=torch.float64) for shape in ((3,), (2, 2))]


def noise(rng, n):
    """What each parameter sees in each of n steps; w - noise is the gradient."""
    return [2 + torch.randn(n, *shape, generator=rng, dtype=torch.float64) for shape in ((3,), (2, 2))]


def steps(rng, n):
    """Steps a_1, ..., a_n, after an entry for whoever asks for a_0."""
    return (0.05 + 0.6 * torch.rand(n + 1, generator=rng, dtype=torch.float64)).tolist()


@check("sasgd", points=2)
def test_sgd_descends(candidate, rng):
    """A step moves every parameter straight against its gradient."""
    w0, x = start(rng), noise(rng, 1)
    for before, sample, after in zip(w0, x, candidate.run(probes.sgd_once, w0=w0, noise=x, step=0.3), strict=True):
        share = (after - before) / (sample[0] - before)  # the gradient is before - sample
        require(bool(((share > 0) & (share < 1)).all()), "a parameter does not move against its gradient")
        assert_close(share, share.mean().expand_as(share), name="the step of one parameter", rtol=1e-6)


@check("sasgd", points=3)
def test_sgd_steps(same, rng):
    """After 30 steps the parameters are those of SGD with step schedule(k)."""
    same(probes.sgd_last, w0=start(rng), noise=noise(rng, 30), steps=steps(rng, 30))


@check("sasgd", points=1)
def test_sgd_is_the_mean(same, rng):
    """With steps 1/k, SGD on (w - x)^2 / 2 ends at the mean of the samples."""
    same(probes.sgd_last, w0=start(rng), noise=noise(rng, 12), steps=[0.4, *(1 / k for k in range(1, 13))])


@check("sasgd", points=2)
def test_sgd_groups(same, rng):
    """Each param group follows a schedule of its own, if it has one."""
    same(probes.sgd_groups, w0=start(rng), noise=noise(rng, 6), steps=[0.1, 0.4])


@check("sasgd", points=2)
def test_sgd_own_counters(same, rng):
    """A parameter without a gradient stays, and its k waits."""
    n = 8
    present = [[k % 3 != 1, k % 2 == 0] for k in range(n)]
    same(probes.sgd_last, w0=start(rng), noise=noise(rng, n), steps=steps(rng, n), present=present)


@check("sasgd", points=2, after=test_sgd_descends)
def test_sgd_resumes(candidate, rng):
    """A new optimizer goes on where state_dict() was taken."""
    w0, n = start(rng), 9
    args = {"w0": w0, "noise": noise(rng, n), "steps": [1.0, *(1 / (1 + k) for k in range(1, n + 1))]}
    straight, middle, resumed = candidate.run(probes.sgd_resumed, **args, stop=4)
    for i in range(len(w0)):
        require(not torch.equal(middle[i], resumed[i]), "the parameters do not move after the state is loaded")
        assert_close(resumed[i], straight[i], name="a parameter of the run that was resumed")


@pytest.mark.careless("dtype")
@check("sasgd", points=2)
def test_sgd_closure(same, rng):
    """A closure is evaluated, with gradients, and its loss returned; without one None is."""
    w0, x = torch.randn(2, 3, generator=rng, dtype=torch.float64)
    same(probes.sgd_closure, w0=w0, x=x, step=0.3, n=3)
    same(probes.sgd_without_closure, w0=w0)


@check("sasgd", points=1, after=test_sgd_descends)
def test_sgd_refuses(candidate):
    """Another word for the average, and a negative burn-in, are refused."""
    candidate.raises(ValueError, probes.make_sgd, average="mean")
    candidate.raises(ValueError, probes.make_sgd, average="polyak", burn_in=-1)
