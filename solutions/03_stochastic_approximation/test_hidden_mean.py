"""Hidden checks of part 1: the mean, one sample at a time."""

import probes
import pytest
import torch

from grader.checks import assert_close, check, require


def samples(rng, *shape, dtype=torch.float64):
    """Samples that are not centred at 0, so that a start at 0 shows."""
    return 3 + torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def how_many(rng, low, high):
    """Draw a whole number in low, ..., high - 1."""
    return int(torch.randint(low, high, (), generator=rng))


@check("mean", points=2)
def test_moves_towards(candidate, rng):
    """Each sample pulls the estimate towards itself, and not all the way."""
    x = samples(rng, how_many(rng, 8, 20), 2)
    means = torch.stack(candidate.run(probes.running_means, x=x)[0])
    require(means.shape == x.shape, "the estimates do not have the shape of the samples")
    share = (means[1:] - means[:-1]) / (x[1:] - means[:-1])  # of the way to the sample
    require(bool(((share > 0) & (share < 1)).all()), "an estimate is not between the one before it and the sample")


@check("mean", points=1)
def test_count(candidate, rng):
    """The count is 0 at first, and then the number of samples."""
    n = how_many(rng, 5, 30)
    before, after = candidate.run(probes.count, x=samples(rng, n, 2))
    require(before == 0, "a new estimator has a count that is not 0")
    require(after == n, "the count is not the number of samples")


@check("mean", points=4)
def test_definition(same, rng):
    """After each sample the estimate is the mean of those seen so far."""
    same(probes.running_means, x=samples(rng, how_many(rng, 20, 40)))
    same(probes.running_means, x=samples(rng, how_many(rng, 20, 40), 2, 3))


@pytest.mark.careless("inputs")
@check("mean", points=2, after=test_moves_towards)
def test_own_memory(candidate, rng):
    """A mean that was returned stays as it is, and samples are left alone."""
    x = samples(rng, how_many(rng, 5, 12), 3)
    at_once, at_the_end, buffers = candidate.run(probes.kept_means, x=x)
    require(not torch.equal(at_once[0], at_once[-1]), "the estimate does not move")
    assert_close(at_the_end, at_once, name="a mean that was returned earlier")
    assert_close(buffers, x, name="a sample after the update")


@pytest.mark.careless("dtype")
@check("mean", points=1, after=test_moves_towards)
def test_mean_dtype(same, rng):
    """The mean keeps the dtype of the estimator."""
    same(probes.running_means, x=samples(rng, 6, 2, dtype=torch.float32), dtype=torch.float64)
    same(probes.running_means, x=samples(rng, 6, 2), dtype=torch.float32)


@check("mean", points=1, after=test_moves_towards)
def test_mean_of_nothing(candidate):
    """The mean of no samples is refused."""
    candidate.raises(ValueError, probes.mean_of_nothing, shape=[3])


@check("mean", points=1, after=test_moves_towards)
def test_wrong_shape(candidate, rng):
    """A sample of another shape is refused, also where it could be broadcast."""
    for shape, other in (([], [1]), ([3], [1]), ([2, 3], [3])):
        candidate.raises(ValueError, probes.update_with, shape=shape, x=samples(rng, *other))


@check("mean", points=2, after=test_moves_towards)
def test_merge(candidate, rng):
    """Merging weights each mean by its count."""
    n, m = how_many(rng, 3, 9), how_many(rng, 10, 20)
    for dtype in (torch.float64, torch.float32):  # of the estimators
        x, y = samples(rng, n, 2), 5 + samples(rng, m, 2)
        ((_, x_mean), (_, y_mean)), both, _ = candidate.run(probes.merged, x=x, y=y, dtype=dtype)
        require(not torch.equal(x_mean, y_mean), "the two estimates are the same before they are merged")
        require(both[0] == n + m, "the count is not the number of samples of both")
        assert_close(both[1], (n * x_mean + m * y_mean) / (n + m), name="the merged mean")


@check("mean", points=1, after=test_merge)
def test_merge_leaves_both(candidate, rng):
    """The two estimators that are merged stay as they are."""
    before, _, after = candidate.run(probes.merged, x=samples(rng, 4, 2), y=5 + samples(rng, 7, 2))
    for was, is_now in zip(before, after, strict=True):
        require(was[0] == is_now[0], "an estimator's count changed when it was merged")
        assert_close(is_now[1], was[1], name="an estimator's mean after it was merged")


@pytest.mark.careless("dtype")
@check("mean", points=1, after=test_merge)
def test_merge_empty(candidate, same, rng):
    """Merging with an estimator that has seen nothing changes nothing."""
    some, none = samples(rng, how_many(rng, 3, 9), 2), torch.empty(0, 2, dtype=torch.float64)
    for x, y in ((some, none), (none, some)):
        before, both, _ = candidate.run(probes.merged, x=x, y=y)
        require(both[0] == len(some), "the count is not the number of samples of both")
        assert_close(both[1], before[0 if len(x) else 1][1], name="the merged mean")
    _, both, _ = candidate.run(probes.merged, x=none, y=none)
    require(both[0] == 0, "two estimators that have seen nothing give one that has seen something")
    for dtype in (torch.float64, torch.float32):
        same(probes.mean_after_merging, x=none, y=none, more=some, dtype=dtype)


@check("mean", points=2, after=test_moves_towards)
def test_float32(candidate, rng):
    """In float32, data around a million does not wear the mean away."""
    x = (1e6 + torch.randn(4_000, generator=rng, dtype=torch.float64)).float()
    mean = candidate.run(probes.last_mean, x=x, origin=1e6)
    require(mean.shape == (), "the mean is not of the samples' shape")
    # over 60 draws a running sum was off by 28 to 31, the recursion by at most 0.4
    require(
        abs(mean.double() - (x.double() - 1e6).mean()) < 5, "the mean of float32 data around a million is too far off"
    )


@check("mean", points=2, after=test_moves_towards)
def test_constant_state(candidate, rng):
    """What the estimator remembers does not grow with the number of samples."""
    few, many = candidate.run(probes.state_sizes, x=samples(rng, 1_000, 3), after=[10, 1_000])
    require(many - few <= 64, "the state after 1000 samples is larger than after 10")
