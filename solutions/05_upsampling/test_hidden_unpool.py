"""Hidden checks of part 4: pooling that remembers, and its way back."""

import probes
import pytest
import torch
from manners import ROUGH, answers, case, polite, refused

from grader.checks import assert_close, check, require

POOL, UNPOOL, NAILS = "max_pool2d_with_indices", "max_unpool2d", "bed_of_nails"


def pooled(x, *how):
    """The largest pixels and where they were, as torch has them."""
    return torch.nn.functional.max_pool2d(x, *how, return_indices=True)


def pools(candidate, x, ways, which):
    """Demand torch's pooled image, or its indices, of the image x pooled in several ways."""
    for how in ways:
        answer = candidate.run(probes.value, POOL, x, *how)
        require(isinstance(answer, list) and len(answer) == 2, "the answer is not a pair")
        assert_close(answer[which], pooled(x, *how)[which].double(), name=["the pooled image", "the indices"][which])


@check("unpool", points=2)
def test_pool_values(candidate, distinct):
    """The largest pixel of each window comes out, and what does not fill a window is left out."""
    ways = [(2,), (3, 2), (2, 3), (3, 1)]
    pools(candidate, -distinct(2, 3, 7, 9), ways, 0)


@check("unpool", points=2)
def test_pool_indices(candidate, distinct):
    """The index of each says where it was in the whole image: row times width plus column."""
    pools(candidate, -distinct(2, 3, 7, 9), [(2,), (3, 2), (2, 3)], 1)


@check("unpool", points=2)
@pytest.mark.parametrize("which", [0, 1], ids=["values", "indices"])
def test_pool_padding(candidate, distinct, which):
    """Padding is never the largest, also where all pixels are negative, and is not counted in the indices."""
    pools(candidate, -distinct(1, 2, 6, 7), [(3, 2, 1), (4, 3, 2)], which)


def unpooled(candidate, y, indices, size):
    """Demand each value at its index, and zeros elsewhere."""
    expected = torch.zeros(*y.shape[:2], size[0] * size[1], dtype=y.dtype)
    expected.scatter_(2, indices.flatten(2), y.flatten(2))
    answer = candidate.run(probes.value, UNPOOL, y, indices, size)
    assert_close(answer, expected.view(*y.shape[:2], *size), name="the unpooled image")


@check("unpool", points=2)
def test_unpool(candidate, distinct):
    """Each value goes back to where it was, and all else is 0."""
    unpooled(candidate, *pooled(distinct(2, 3, 6, 8), 2), (6, 8))


@check("unpool", points=2)
def test_unpool_odd(candidate, distinct):
    """An image of 9 x 7 has lost a row and a column in pooling, and gets both back."""
    unpooled(candidate, *pooled(distinct(1, 1, 9, 7), 2), (9, 7))


@check("unpool", points=1)
def test_unpool_overlapping(candidate, distinct):
    """A pixel that was the largest of several windows comes back once, as it was."""
    unpooled(candidate, *pooled(distinct(1, 1, 6, 7), 3, 1), (6, 7))


@check("unpool", points=1)
def test_unpool_gradient(candidate, distinct, draw):
    """The gradient of each value is that of the place to which it went."""
    y, indices = pooled(distinct(1, 1, 6, 4), 2)
    answer, gradient = candidate.run(probes.unpooled_gradient, y, indices, (6, 4), g := draw(1, 1, 6, 4))
    require(answer.shape == g.shape, "the answer does not have the size that was asked for")
    went = answer.flatten()
    require(torch.equal(went[went != 0].sort()[0], y.flatten().sort()[0]), "not every value is in the answer once")
    places = {value: place for place, value in enumerate(went.tolist())}
    expected = g.flatten()[[places[value] for value in y.flatten().tolist()]].view_as(y)
    assert_close(gradient, expected, name="the gradient", **ROUGH)


def nail(r):
    """A block with a one in its upper left corner."""
    return torch.nn.functional.pad(torch.ones(1, 1, dtype=torch.float64), (0, r - 1, 0, r - 1))


@check("unpool", points=1)
def test_bed_of_nails(candidate, distinct):
    """Each pixel stands in the upper left corner of a block of zeros."""
    cases = [case(distinct(2, 3, 3, 4), r) for r in (2, 3)]
    expected = [torch.kron(x, nail(r)) for (x, r), _ in cases]
    answers(candidate, NAILS, cases, expected)


@check("unpool", points=1)
@pytest.mark.careless("dtype", "inputs")
def test_unpool_manners(candidate, reference, distinct):
    """All three answer in the image's dtype, and leave it alone."""
    images = [distinct(1, 1, 6, 6, dtype=dtype) for dtype in (torch.float32, torch.float64, torch.float16)]
    y, indices = pooled(images[1], 2)
    polite(candidate, reference, POOL, *(case(x, 2) for x in images))
    polite(candidate, reference, UNPOOL, *(case(y.to(x.dtype), indices, (6, 6)) for x in images))
    polite(candidate, reference, NAILS, *(case(x, 2) for x in images))


@check("unpool", points=1, after=test_unpool_gradient)
def test_unpool_refuses(candidate, distinct):
    """An index outside of the output, on either side, is refused, and so are indices of another shape."""
    y, indices = pooled(distinct(1, 2, 6, 8), 2)
    cases = [case(y, indices[:, :, :, 1:].contiguous(), (6, 8))]
    for wrong in (-1, 48):
        bad = indices.clone()
        bad[0, 1, 2, 3] = wrong
        cases.append(case(y, bad, (6, 8)))
    refused(candidate, UNPOOL, *cases)
