"""Part 2: who takes which sample. The oracle is torch's DistributedSampler."""

import probes
import pytest
import torch
from torch.utils.data import DistributedSampler

from grader.checks import assert_close, check, require


def by_torch(n, world_size, epoch=0, **how):
    """Return the indices of every rank."""
    samplers = [DistributedSampler(range(n), world_size, rank, **how) for rank in range(world_size)]
    for sampler in samplers:
        sampler.set_epoch(epoch)
    return [list(sampler) for sampler in samplers]


@check("shards", points=3)
@pytest.mark.parametrize(("n", "world_size"), [(12, 2), (12, 3)], ids=["2 ranks", "3 ranks"])
def test_shards_interleave(candidate, n, world_size):
    """Without shuffling, rank r has the indices r, r + W, r + 2W, ..."""
    seen = candidate.run(probes.shards, n=n, world_size=world_size, shuffle=False)
    assert_close(seen, by_torch(n, world_size, shuffle=False), name="the indices of all ranks")


@check("shards", points=2)
def test_shards_shuffled(candidate, seed):
    """The order is that of torch.randperm, from a generator with the seed: seen on a rank that is alone."""
    for how in ({"seed": seed}, {}):
        seen = candidate.run(probes.shards, n=16, world_size=1, **how)
        assert_close(seen, by_torch(16, 1, **how), name="the order")


@check("shards", points=3, after=test_shards_shuffled)
def test_shards_reshuffled(candidate, seed):
    """The epoch is added to the seed: each epoch has another order."""
    seen = candidate.run(probes.shards_of_epochs, n=16, world_size=1, epochs=[0, 1, 5], seed=seed)
    expected = [by_torch(16, 1, epoch, seed=seed) for epoch in (0, 1, 5)]
    assert_close(seen, expected, name="the orders of three epochs")


def summed_up(shards):
    """Return how many indices each rank has, and all of them, sorted."""
    return {"sizes": [len(shard) for shard in shards], "together": sorted(i for shard in shards for i in shard)}


@check("shards", points=2)
@pytest.mark.parametrize("world_size", [2, 3], ids=["2 ranks", "3 ranks"])
def test_shards_disjoint(candidate, world_size, seed):
    """Shuffled, too, every index is on exactly one rank."""
    seen = candidate.run(probes.shards, n=12, world_size=world_size, seed=seed)
    assert_close(summed_up(seen)["together"], list(range(12)), name="what all ranks have together")


@check("shards", points=2, after=test_shards_interleave)
@pytest.mark.parametrize(("n", "world_size"), [(1, 4), (2, 7), (5, 2), (16, 7), (0, 3)])
def test_shards_padded(candidate, n, world_size):
    """What is missing is repeated from the start, as often as it takes; of nothing there is nothing."""
    seen = candidate.run(probes.shards, n=n, world_size=world_size, shuffle=False)
    expected = summed_up(by_torch(n, world_size, shuffle=False))
    assert_close(summed_up(seen), expected, name="what the ranks have together")
    if n == 0:  # right for a function that never finds any, too
        require(candidate.call("shard_indices", 3, 1, 0, shuffle=False), "three samples are none")


@check("shards", points=1)
@pytest.mark.parametrize(("n", "world_size"), [(5, 2), (17, 3), (6, 3)])
def test_shards_dropped(candidate, n, world_size):
    """With drop_last, what does not go round is dropped."""
    seen = candidate.run(probes.shards, n=n, world_size=world_size, shuffle=False, drop_last=True)
    expected = summed_up(by_torch(n, world_size, shuffle=False, drop_last=True))
    assert_close(summed_up(seen), expected, name="what the ranks have together")


@check("shards", points=1, after=test_shards_shuffled)
def test_shards_leave_global_numbers(candidate, seed):
    """torch's global random numbers are left alone."""
    seen = candidate.run(probes.random_numbers_after, seed=seed)
    torch_seeded = torch.Generator().manual_seed(seed)
    require(torch.equal(seen, torch.rand(3, generator=torch_seeded)), "the global random numbers have changed")


@check("shards", points=1, after=test_shards_shuffled)
@pytest.mark.parametrize(
    ("n", "world_size", "rank"),
    [
        pytest.param(-1, 2, 0, id="n"),
        pytest.param(4, 0, 0, id="world_size"),
        pytest.param(4, 2, 2, id="rank"),
        pytest.param(4, 2, -1, id="negative rank"),
    ],
)
def test_shards_refuse(candidate, n, world_size, rank):
    """A negative n, no rank at all, or a rank that is not there, is a ValueError."""
    candidate.raises(ValueError, "shard_indices", n, world_size, rank)
