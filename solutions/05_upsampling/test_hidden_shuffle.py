"""Hidden checks of part 3: channels become pixels."""

import probes
import pytest
import torch
from manners import answers, case, polite, rearranged, refused

from grader.checks import assert_close, check

SHUFFLE, UNSHUFFLE = "pixel_shuffle", "pixel_unshuffle"


@check("shuffle", points=5)
def test_shuffle(candidate, distinct):
    """The channel r i + j of a block goes to its row i and column j."""
    cases = [case(distinct(2, C * r * r, 2, 3), r) for r, C in ((2, 3), (3, 2))]
    expected = [torch.nn.functional.pixel_shuffle(*args) for args, _ in cases]
    answers(candidate, SHUFFLE, cases, expected)


@check("shuffle", points=5)
def test_unshuffle(candidate, distinct):
    """Row i and column j of a block become its channel r i + j."""
    cases = [case(distinct(2, C, 2 * r, 3 * r), r) for r, C in ((2, 3), (3, 2))]
    expected = [torch.nn.functional.pixel_unshuffle(*args) for args, _ in cases]
    answers(candidate, UNSHUFFLE, cases, expected)


@check("shuffle", points=3)
@pytest.mark.parametrize("batch", [(), (2,), (2, 3)], ids=["none", "one", "two"])
def test_dimensions_before(candidate, distinct, batch):
    """There may be no batch, one, or several dimensions of it; each pixel is there once."""
    x, y = distinct(*batch, 8, 3, 5), distinct(*batch, 2, 6, 10)
    for function, image, shape in ((SHUFFLE, x, y.shape), (UNSHUFFLE, y, x.shape)):
        answer = candidate.run(probes.value, function, image, 2)
        rearranged(answer, image, shape)
        one_batch = candidate.run(probes.value, function, image.reshape(-1, *image.shape[-3:]), 2)
        assert_close(answer.reshape(one_batch.shape), one_batch, name="each image of the answer")


@check("shuffle", points=3)
@pytest.mark.parametrize("first", [SHUFFLE, UNSHUFFLE], ids=["there and back", "back and there"])
def test_inverse(candidate, distinct, first):
    """Each of the two undoes the other."""
    x, second = distinct(1, 8, 4, 6), UNSHUFFLE if first == SHUFFLE else SHUFFLE
    there, back = candidate.run(probes.there_and_back, first, second, x, 2)
    rearranged(there, x, (1, 2, 8, 12) if first == SHUFFLE else (1, 32, 2, 3))
    assert_close(back, x, name="what was shuffled and unshuffled")


@check("shuffle", points=1)
def test_channels_last(candidate, distinct):
    """An image whose channels are last in memory is as good as any."""
    x, y = distinct(2, 8, 3, 5), distinct(2, 2, 6, 10)
    rearranged(candidate.run(probes.not_contiguous, SHUFFLE, x, 2), x, y.shape)
    rearranged(candidate.run(probes.not_contiguous, UNSHUFFLE, y, 2), y, x.shape)


@check("shuffle", points=1)
@pytest.mark.careless("dtype", "inputs")
def test_shuffle_manners(candidate, reference):
    """Pixels of any dtype stay what they are, and the image is left alone."""
    grey = {torch.float32: 1 / 3, torch.float64: 1 / 3, torch.uint8: 200}  # so that no order is asked for
    images = [torch.full((1, 4, 2, 2), value, dtype=dtype) for dtype, value in grey.items()]
    for function in (SHUFFLE, UNSHUFFLE):
        polite(candidate, reference, function, *(case(x, 2) for x in images))


@check("shuffle", points=2, after=test_dimensions_before)
def test_shuffle_refuses(candidate, distinct):
    """Channels that are no multiple of r squared, and an image that does not fall into blocks, are refused."""
    refused(candidate, SHUFFLE, case(distinct(1, 6, 2, 2), 2))
    refused(candidate, UNSHUFFLE, case(distinct(1, 1, 5, 4), 2), case(distinct(1, 1, 4, 5), 2))
