"""Part 5: the mean over all samples, where ranks do not have equally many. The oracle is one process."""

import probes
import pytest
import torch

from grader.checks import assert_close, check, require

TWO = pytest.mark.ddp(nprocs=2)


@pytest.fixture
def both(candidate):
    """Return the mean of what the ranks have, and what it must be: of the mean loss over all samples."""

    def run(xs, which, members=None):
        there = members or range(len(xs))
        every = torch.cat([xs[rank] for rank in there])
        w = torch.ones(every.shape[1], dtype=every.dtype, requires_grad=True)
        loss = (every @ w).square().mean()
        loss.backward()
        seen = candidate.launch(probes.uneven, xs=xs, which=[which], members=members)
        return sum(seen[rank][which] for rank in there) / len(there), {"gradient": w.grad, "value": loss.detach()}[
            which
        ]

    return run


@check("uneven", points=4)
@TWO
def test_uneven_weights(both, draw, proportional):
    """Five samples and two: in the mean of the gradients all seven samples weigh the same."""
    actual, expected = both([draw(5, 3), draw(2, 3)], "gradient")
    proportional(actual, expected, name="the mean of the ranks' gradients")


@check("uneven", points=2)
@pytest.mark.ddp(nprocs=3)
@pytest.mark.parametrize("members", [None, [0, 2]], ids=["3 ranks", "a group of 2 of them"])
def test_uneven_size(both, draw, members):
    """The mean of the gradients is as large as that of one process."""
    actual, expected = both([draw(3, 3) for _ in range(3)], "gradient", members)
    assert_close(actual, expected, name="the mean of the ranks' gradients")


@check("uneven", points=2)
@TWO
def test_uneven_idle(both, draw, proportional):
    """A rank without any sample takes part, with a gradient of zeros."""
    actual, expected = both([draw(6, 3), draw(0, 3)], "gradient")
    proportional(actual, expected, name="the mean of the ranks' gradients")


@check("uneven", points=1)
@pytest.mark.careless("dtype")
@TWO
def test_uneven_value(both, draw):
    """What is returned is a scalar whose mean over the ranks is the mean loss."""
    actual, expected = both([draw(3, 3), draw(3, 3)], "value")
    assert_close(actual, expected, name="the mean of the ranks' losses")


@check("uneven", points=1, after=test_uneven_value)
@TWO
def test_uneven_nothing(candidate):
    """Where no rank has a sample, every rank raises a ValueError."""
    require(all(candidate.launch(probes.uneven_nothing)), "a rank raises no ValueError where nobody has a sample")
