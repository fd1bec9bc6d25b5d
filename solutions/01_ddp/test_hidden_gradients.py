"""Part 3: one start for all ranks, and the mean of their gradients."""

import probes
import pytest

from grader.checks import assert_close, check, require

TWO = pytest.mark.ddp(nprocs=2)


@pytest.fixture
def seeds(seed):
    """A seed for each of two ranks: no model begins like the other."""
    return [seed, seed + 1]


@check("gradients", points=3)
@TWO
def test_sync_parameters(candidate, seeds):
    """Afterwards both ranks have the parameters of rank 0."""
    expected = {name: p.detach() for name, p in probes.Normed(seeds[0]).named_parameters()}
    for rank, seen in enumerate(candidate.launch(probes.synced, seeds=seeds, kind="parameters")):
        assert_close(seen, expected, name=f"the parameters of rank {rank}")


@check("gradients", points=2)
@TWO
def test_sync_buffers(candidate, seeds):
    """Afterwards both ranks have the buffers of rank 0, the integer one too."""
    expected = dict(probes.Normed(seeds[0]).named_buffers())
    for rank, seen in enumerate(candidate.launch(probes.synced, seeds=seeds, kind="buffers")):
        assert_close(seen, expected, name=f"the buffers of rank {rank}")


@check("gradients", points=1, after=test_sync_parameters)
@pytest.mark.parametrize(
    ("members", "src"),
    [
        pytest.param(None, 1, marks=TWO, id="all ranks"),
        pytest.param([1, 2], 2, marks=pytest.mark.ddp(nprocs=3), id="in a group"),
    ],
)
def test_sync_source(candidate, seed, members, src):
    """src says whose state it is, also in a group, here of ranks 1 and 2 of three."""
    expected = {name: p.detach() for name, p in probes.Normed(seed + src).named_parameters()}
    seeds = [seed, seed + 1, seed + 2]
    every = candidate.launch(probes.synced, seeds=seeds, kind="parameters", src=src, members=members)
    for rank in members or (0, 1):
        assert_close(every[rank], expected, name=f"the parameters of rank {rank}")


@check("gradients", points=2)
@TWO
def test_sync_shared(candidate, seeds):
    """A matrix that two layers share is sent once, and counted once."""
    for seen in candidate.launch(probes.sent_by_sync, seeds=seeds, tied=True):
        tensors = {"said": 8, "sent": 8}  # of Normed: five parameters, as one is shared, and three buffers
        require(seen["said"] == tensors["said"], "the number of tensors that is returned is not theirs")
        require(seen["sent"] == tensors["sent"], "more or fewer tensors were broadcast than there are")


SHAPES = ((2, 3), (4,), ())


@pytest.fixture
def grads(draw):
    """Three gradients for each of three ranks."""
    return [[draw(*shape) for shape in SHAPES] for _ in range(3)]


def mean(grads, number):
    """Return the mean of one gradient over the ranks; None counts as zeros."""
    there = [rank[number] for rank in grads if rank[number] is not None]
    return sum(there) / len(grads)


@check("gradients", points=6)
@TWO
def test_average(candidate, grads):
    """Each gradient becomes the mean of those of the ranks."""
    expected = [mean(grads[:2], number) for number in range(3)]
    for rank, seen in enumerate(candidate.launch(probes.averaged, grads=grads[:2])):
        assert_close(seen, expected, name=f"the gradients of rank {rank}")


@check("gradients", points=4)
@TWO
def test_average_missing(candidate, grads, proportional):
    """A rank without a gradient counts as zeros, and receives the mean."""
    (*_, grads[0][2]), (grads[1][0], *_) = (None, None, None), (None, None, None)
    expected = [mean(grads[:2], number) for number in range(3)]
    for rank, seen in enumerate(candidate.launch(probes.averaged, grads=grads[:2])):
        proportional(seen, expected, name=f"the gradients of rank {rank}")


@check("gradients", points=2)
@TWO
def test_average_unused(candidate, grads, proportional):
    """A gradient that is None on all ranks stays None."""
    grads = [[g, None, last] for g, _, last in grads[:2]]
    for seen in candidate.launch(probes.averaged, grads=grads):
        require(seen[1] is None, "a parameter that no rank used has a gradient now")
        proportional(seen[::2], [mean(grads, 0), mean(grads, 2)], name="the other gradients")


@check("gradients", points=2, after=test_average)
@TWO
def test_average_frozen(candidate, grads, proportional):
    """What does not require a gradient is left alone."""
    for rank, seen in enumerate(candidate.launch(probes.averaged, grads=grads[:2], frozen=[0, 1])):
        assert_close(seen[:2], grads[rank][:2], name="the gradients of what is frozen")
        proportional(seen[2], mean(grads[:2], 2), name="the other gradient")


@check("gradients", points=3)
@pytest.mark.ddp(nprocs=3)
def test_average_group(candidate, grads):
    """In a group, the mean is over its ranks: here 0 and 2 of three."""
    members = [grads[0], grads[2]]
    first, outside, last = candidate.launch(probes.averaged_in_a_group, grads=grads, members=[0, 2])
    require(outside is None, "rank 1 is not in the group")
    for seen in (first, last):
        assert_close(seen, [mean(members, number) for number in range(3)], name="the gradients")
