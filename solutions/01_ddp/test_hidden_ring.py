"""Part 4: all-reduce by hand. What it computes, and what it sends."""

import probes
import pytest
import torch

from grader.checks import assert_close, check, require

TWO = pytest.mark.ddp(nprocs=2)


@pytest.fixture
def somewhere(candidate):
    """Require that the sum of some tensors, one a rank, is there: each of its elements on one rank at least."""

    def require_sum(tensors, expected=None, probe=probes.ring, **how):
        expected = sum(tensors) if expected is None else expected
        seen = candidate.launch(probe, tensors=tensors, **how)
        best = seen[0]
        for x in seen[1:]:
            if torch.is_tensor(x) and torch.is_tensor(best) and x.shape == best.shape == expected.shape:
                best = torch.where((x - expected).abs() < (best - expected).abs(), x, best)
        assert_close(best, expected, name="the result, of all ranks the best,")

    return require_sum


@check("ring", points=4)
@TWO
def test_ring_adds_up(somewhere, draw):
    """Of two ranks' tensors every element is added up, on one of the ranks at least."""
    somewhere([draw(2, 4), draw(2, 4)])


@check("ring", points=4)
@TWO
def test_ring_sum(candidate, draw):
    """Both ranks have the whole sum."""
    tensors = [draw(2, 4), draw(2, 4)]
    for rank, seen in enumerate(candidate.launch(probes.ring, tensors=tensors)):
        assert_close(seen, sum(tensors), name=f"the tensor of rank {rank}")


@check("ring", points=3)
@TWO
def test_ring_remainder(somewhere, draw):
    """Seven elements on two ranks: the chunks are not equally long."""
    somewhere([draw(7), draw(7)])


@check("ring", points=2, after=test_ring_adds_up)
@TWO
@pytest.mark.parametrize("shape", [(), (1, 1), (0,)], ids=["a scalar", "one element", "nothing"])
def test_ring_small(somewhere, draw, shape):
    """Fewer elements than ranks, or none."""
    somewhere([draw(*shape), draw(*shape)])


@check("ring", points=3)
@TWO
def test_ring_view(somewhere, draw):
    """The transpose of a matrix is reduced in the matrix itself."""
    somewhere([draw(4, 6), draw(4, 6)], probe=probes.ring_of_a_view)


@check("ring", points=3)
@TWO
def test_ring_mean(somewhere, draw):
    """The mean of two ranks' tensors."""
    tensors = [draw(6), draw(6)]
    somewhere(tensors, sum(tensors) / 2, op="mean")


@check("ring", points=1, after=test_ring_adds_up)
@TWO
def test_ring_integers(somewhere, rng):
    """Sums of large integers are exact."""
    somewhere([torch.randint(2**60, 2**61, (6,), generator=rng) for _ in range(2)])


@check("ring", points=1)
@pytest.mark.ddp(nprocs=3)
def test_ring_three_ranks(candidate, draw):
    """Three ranks have the sum, bit for bit the same on each."""
    tensors = [draw(60, dtype=torch.float32) for _ in range(3)]
    seen = candidate.launch(probes.ring_bits, tensors=tensors)
    for rank, x in enumerate(seen):
        assert_close(x["numbers"], sum(tensors), name=f"the tensor of rank {rank}")
    same = all(torch.equal(x["bits"], seen[0]["bits"]) for x in seen)
    require(same, "the ranks' results differ in their last digits")


@check("ring", points=1)
@pytest.mark.ddp(nprocs=3)
def test_ring_group(candidate, draw):
    """In a group, the sum is that of its ranks: here 0 and 2 of three."""
    tensors = [draw(5) for _ in range(3)]
    first, outside, last = candidate.launch(probes.ring, tensors=tensors, members=[0, 2])
    assert_close(outside, tensors[1], name="the tensor of rank 1, which is not in the group,")
    for x in (first, last):
        assert_close(x, tensors[0] + tensors[2], name="the tensor")


@check("ring", points=2)
@pytest.mark.ddp(nprocs=3)
def test_ring_traffic(candidate, draw):
    """Each of three ranks sends 2(W - 1) chunks, to one neighbour, and less than twice the tensor."""
    tensors = [draw(12) for _ in range(3)]
    for seen in candidate.launch(probes.ring_traffic, tensors=tensors):
        assert_close(seen["x"], sum(tensors), name="the tensor")
        require(not seen["others"], "there is more than sending and receiving")
        require(len(seen["distances"]) == 1, "a rank sends to more than one neighbour")
        require(seen["elements"] <= 16, "a rank sends more elements than a ring needs")
        require(seen["sends"] == 4, "a rank sends more or fewer than 2(W - 1) times")


@check("ring", points=1, after=test_ring_adds_up)
@TWO
@pytest.mark.parametrize(
    ("op", "dtype", "expected"),
    [
        pytest.param("max", "float64", "ValueError", id="another op"),
        pytest.param("mean", "int64", "TypeError", id="the mean of integers"),
    ],
)
def test_ring_refuses(candidate, op, dtype, expected):
    """Another op is a ValueError, the mean of integers a TypeError, on every rank."""
    for seen in candidate.launch(probes.ring_refuses, op=op, dtype=dtype):
        require(seen == expected, f"{seen or 'nothing'} was raised where {expected} is expected")
