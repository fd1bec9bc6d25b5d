"""Hidden checks of part 6: Kiefer-Wolfowitz."""

import probes
import pytest
import torch

from grader.checks import assert_close, check, require

A, C = (0.2, 0.8), (0.5, 0.25)  # a_k = 0.2 / k^0.8, c_k = 0.5 / k^0.25


def problem(rng, d=3, n=10, curve=0.0, cube=0.0):
    """Minimise slope.w + curve.w^2 / 2 + cube.w^3."""
    u = 1 + torch.rand(4, d, generator=rng, dtype=torch.float64)
    return {"w0": u[0], "slope": u[1], "curve": curve * u[2], "cube": cube * u[3], "a": A, "c": C, "n": n}


@pytest.mark.careless("dtype", "inputs")
@check("kiefer_wolfowitz", points=1)
def test_kw_linear(same, candidate, rng):
    """On a linear f the path is that of gradient descent, without a step it is w_0 alone, and w0 stays as it was."""
    same(probes.kw_path, **problem(rng))
    same(probes.kw_path, **problem(rng, n=0))
    case = problem(rng)
    assert_close(candidate.run(probes.kw_w0_after, **case), case["w0"], name="w0 afterwards")


@check("kiefer_wolfowitz", points=1)
def test_kw_curved(same, rng):
    """Where f is curved, the estimate is that of a central difference."""
    same(probes.kw_path, **problem(rng, curve=1.0))
    same(probes.kw_path, **problem(rng, curve=1.0, cube=0.1))


@check("kiefer_wolfowitz", points=1)
def test_kw_evaluations(candidate, rng):
    """A step asks for 2 d values of f."""
    d, n = torch.randint(2, 7, (2,), generator=rng).tolist()
    evaluations = candidate.run(probes.kw_evaluations, **problem(rng, d, n))
    require(evaluations == 2 * d * n, "the number of values of f is not 2 d for each step")


@check("kiefer_wolfowitz", points=1, after=test_kw_evaluations)
def test_kw_refuses(candidate, rng):
    """Another word for the method, and a negative number of steps, are refused."""
    candidate.raises(ValueError, probes.kw_path, **problem(rng), method="one_sided")
    candidate.raises(ValueError, probes.kw_path, **problem(rng, n=-1))


def spsa(candidate, rng, d=4, n=64):
    """A run of SPSA on a linear f: the case, the path, the signs of each step (or their opposites), the step sizes."""
    case, seed = problem(rng, d, n), int(torch.randint(1, 10**6, (), generator=rng))
    path, asked = candidate.run(probes.descend, **case, method="spsa", seed=seed)
    require(len(asked) == 2 * n, "the number of values of f is not 2 for each step")
    require(path.shape == (n + 1, d), "the trajectory does not have n_steps + 1 rows of d numbers")
    plus, minus = torch.stack(asked).view(n, 2, d).unbind(1)
    assert_close((plus + minus) / 2, path[:-1], name="the middle of the two points of each step")
    k = torch.arange(1, n + 1, dtype=torch.float64)[:, None]
    return case, path, (plus - minus) / (2 * C[0] / k ** C[1]), A[0] / k ** A[1]


@check("kiefer_wolfowitz", points=1)
def test_spsa_signs(candidate, rng):
    """SPSA looks along directions of independent signs."""
    case, path, signs, _ = spsa(candidate, rng)
    assert_close(path[0], case["w0"], name="row 0")
    assert_close(signs.abs(), torch.ones_like(signs), name="the size of the directions")
    for i in range(1, signs.shape[1]):
        always = (signs[:, i] * signs[:, 0]).mean().abs()
        require(always < 1 - 1e-6, "two coordinates have the same signs, or opposite ones, at every step")


@check("kiefer_wolfowitz", points=1)
def test_spsa_moves(candidate, rng):
    """SPSA moves along its direction by the slope along it."""
    case, path, signs, a = spsa(candidate, rng)
    slope = (signs * case["slope"]).sum(1, keepdim=True)
    assert_close(path[:-1] - path[1:], a * signs * slope, name="the move of each step")


@check("kiefer_wolfowitz", points=1, after=test_spsa_signs)
def test_spsa_generator(same, candidate, rng):
    """The signs come from the generator that was given, and from nothing else."""
    first = int(torch.randint(1, 10**6, (), generator=rng))
    case = problem(rng, d=4, n=40)
    one, again, other = candidate.run(probes.kw_twice, **case, method="spsa", seeds=[first, first, first + 1])
    assert_close(again, one, name="the path of the same seed")
    require(not torch.equal(one, other), "two seeds give the same path")
    same(probes.kw_global_draws, **case, method="spsa", seed=first)
