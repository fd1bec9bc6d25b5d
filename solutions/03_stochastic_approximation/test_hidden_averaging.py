"""Hidden checks of part 5: averaged iterates. Every step is the same, so no k matters here."""

import probes
import pytest
import torch

from grader.checks import assert_close, check, require

STEP = 0.3


def start(rng):
    """Two parameters."""
    return [4 + torch.randn(shape, generator=rng, dtype=torch.float64) for shape in ((3,), (2, 2))]


def noise(rng, n):
    """What each parameter sees in each of n steps; w - noise is the gradient."""
    return [torch.randn(n, *shape, generator=rng, dtype=torch.float64) for shape in ((3,), (2, 2))]


@pytest.mark.careless("dtype")
@check("averaging", points=1)
def test_averages(same, rng):
    """The averages weigh w_1, ..., w_n alike."""
    same(probes.averages, w0=start(rng), noise=noise(rng, 12), step=STEP)


@check("averaging", points=1)
def test_averaging_keeps_the_path(same, candidate, rng):
    """Averaging leaves the iterates as they are, and without it there are no averages."""
    same(probes.averaged_path, w0=start(rng), noise=noise(rng, 8), step=STEP)
    candidate.raises(RuntimeError, probes.averages_of_none)


@check("averaging", points=1)
def test_burn_in(same, rng):
    """The first iterates can be left out, and before the first that counts the parameters stand in."""
    same(probes.averages_so_far, w0=start(rng), noise=noise(rng, 7), step=STEP, burn_in=3)


@check("averaging", points=1)
def test_swap(candidate, rng):
    """The parameters have their averages inside a `with`, and their own values after it, come what may."""
    means, own, inside, after, after_error = candidate.run(
        probes.swapped, w0=start(rng), noise=noise(rng, 6), step=STEP
    )
    for i in range(2):
        require(not torch.equal(means[i], own[i]), "the averages are the parameters themselves")
        require(len(means[i].unique()) > 1, "the averages are the same number everywhere")
        assert_close(inside[i], means[i], name="a parameter inside the block")
        assert_close(after[i], own[i], name="a parameter after the block")
        assert_close(after_error[i], own[i], name="a parameter after a block that an exception left")


@check("averaging", points=1)
def test_averages_resume(candidate, rng):
    """The averages go on where state_dict() was taken."""
    case = {"w0": start(rng), "noise": noise(rng, 9), "step": STEP}
    straight, before, resumed, last = candidate.run(probes.averages_resumed, **case, stop=4)
    for i in range(2):
        require(bool(resumed[i].isfinite().all()), "an average has NaN or infinity in it")
        require(not torch.equal(resumed[i], last[i]), "the averages are the parameters themselves")
        require(not torch.equal(resumed[i], before[i]), "the averages do not move after the state is loaded")
        assert_close(resumed[i], straight[i], name="an average of the run that was resumed")
