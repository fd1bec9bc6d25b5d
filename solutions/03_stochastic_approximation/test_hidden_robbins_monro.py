"""Hidden checks of part 2: Robbins-Monro."""

import probes
import pytest
import torch

from grader.checks import assert_close, check, require

SHAPES = ((), (2, 3))


def uniform(rng, low, high, *shape):
    """Draw numbers between low and high."""
    return low + (high - low) * torch.rand(shape, generator=rng, dtype=torch.float64)


def problem(rng, shape=(3,), noise=0.0):
    """A linear g that increases, and steps that are drawn too; steps[0] is there for whoever asks for it."""
    n = int(torch.randint(12, 20, (), generator=rng))
    return {
        "w0": uniform(rng, -3, 3, *shape),
        "h": uniform(rng, 0.5, 1.5, *shape),
        "root": uniform(rng, 1, 2, *shape),
        "steps": uniform(rng, 0.1, 0.6, n + 1).tolist(),
        "n": n,
        "seed": int(torch.randint(1, 10**6, (), generator=rng)),
        "noise": noise,
    }


@pytest.mark.careless("dtype")
@check("robbins_monro", points=2)
def test_no_steps(candidate, rng):
    """Without a step the trajectory is w_0 alone."""
    for shape in SHAPES:
        case = problem(rng, shape) | {"n": 0}
        path, seen = candidate.run(probes.trajectory, **case)
        require(not seen, "g was observed although no step was asked for")
        assert_close(path, case["w0"][None], name="the trajectory of no steps")


@check("robbins_monro", points=2)
def test_searches(candidate, rng):
    """The search observes g again and again."""
    case = problem(rng)
    require(candidate.run(probes.observations, **case) > case["n"] // 2, "g is observed at few steps, or at none")


@check("robbins_monro", points=4)
def test_noise_free(same, rng):
    """Without noise the last iterate is where the recursion leads."""
    for shape in SHAPES:
        same(probes.last_iterate, **problem(rng, shape))


@check("robbins_monro", points=4)
def test_noisy(same, rng):
    """With steps 1/k, the root of w - x is the mean of what was drawn."""
    case = problem(rng, noise=1.0) | {"h": 1.0}
    same(probes.last_iterate, **case | {"steps": [0.4, *(1 / k for k in range(1, case["n"] + 1))]})


@check("robbins_monro", points=3)
def test_target(same, rng):
    """After many steps g(w) = target."""
    aim = uniform(rng, 1, 3).item()
    same(probes.last_iterate, **problem(rng) | {"steps": [0.3] * 201, "n": 200, "target": aim})


@check("robbins_monro", points=3, after=test_searches)
def test_trajectory(candidate, rng):
    """Row 0 is w_0, and the rows after it are the iterates at which g is observed next."""
    case = problem(rng, noise=0.3)
    path, seen = candidate.run(probes.trajectory, **case)
    require(len(path) > 2 and not torch.equal(path[0], path[-1]), "the trajectory does not move")
    assert_close(path[0], case["w0"], name="row 0")
    new = [w for before, w in zip([None, *seen], seen, strict=False) if before is None or not torch.equal(before, w)]
    assert_close(path[:-1], torch.stack(new), name="the trajectory up to the last step")


@check("robbins_monro", points=3, after=test_searches)
def test_one_observation(candidate, rng):
    """Each step looks at one observation."""
    case = problem(rng)
    require(candidate.run(probes.observations, **case) == case["n"], "g was not called once a step")


@check("robbins_monro", points=3, after=test_searches)
def test_steps_asked(candidate, rng):
    """The steps that are used are a_1, ..., a_n."""
    case = problem(rng)
    asked = candidate.run(probes.steps_asked, **case)
    require(len(asked) == case["n"], "the step was not asked for n_steps different k")
    require(asked == list(range(1, case["n"] + 1)), "the step was asked for other k than 1, ..., n_steps")


@pytest.mark.careless("inputs")
@check("robbins_monro", points=1, after=test_searches)
def test_leaves_w0(candidate, rng):
    """The start is left as it was."""
    case = problem(rng)
    assert_close(candidate.run(probes.w0_after, **case), case["w0"], name="w0 afterwards")


@check("robbins_monro", points=1, after=test_searches)
def test_leaves_global_generator(same, rng):
    """Torch's global random numbers are left alone."""
    same(probes.global_draws, **problem(rng, noise=1.0))


@check("robbins_monro", points=1, after=test_searches)
def test_refuses_negative_n(candidate, rng):
    """A negative number of steps is refused."""
    candidate.raises(ValueError, probes.last_iterate, **problem(rng) | {"n": -1})


@check("robbins_monro", points=1, after=test_searches)
def test_refuses_a_step(candidate, rng):
    """A step that is not positive is refused, also a later one."""
    for wrong in (0.0, -0.1):
        case = problem(rng) | {"steps": [0.1, 0.1, 0.1, wrong, *[0.1] * 20]}
        candidate.raises(ValueError, probes.last_iterate, **case)


@check("robbins_monro", points=2, after=test_searches)
def test_not_finite(candidate, rng):
    """An observation that is not finite stops the search."""
    for value in (torch.nan, torch.inf):
        spoil = (int(torch.randint(1, 10, (), generator=rng)), value)
        candidate.raises(FloatingPointError, probes.trajectory, **problem(rng), spoil=spoil)
