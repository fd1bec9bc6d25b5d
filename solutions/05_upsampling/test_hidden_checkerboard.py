"""Hidden checks of part 8: the checkerboard, and the same layer twice."""

import probes
import pytest
import torch
from manners import ROUGH, case, polite, refused

from grader.checks import assert_close, check, require


def counts(n, k, stride, padding=0, output_padding=0):
    """What a transposed convolution of ones gives."""
    ones = torch.ones(1, 1, n, dtype=torch.float64), torch.ones(1, 1, k, dtype=torch.float64)
    how = {"stride": stride, "padding": padding, "output_padding": output_padding}
    return torch.nn.functional.conv_transpose1d(*ones, **how).flatten().round().long()


@check("checkerboard", points=2)
def test_overlap(candidate, number):
    """Each output pixel is printed on by so many input pixels: where prints overlap, touch or lie apart."""
    n = number(4, 7)
    cases = [(n, k, stride) for k, stride in ((3, 2), (5, 2), (4, 2), (2, 2), (2, 3), (3, 1))]
    answers = candidate.run(probes.counts, "overlap_count", cases)
    assert_close(answers, [counts(*each) for each in cases], name="the counts")


@check("checkerboard", points=1)
def test_overlap_padded(candidate, number):
    """Padding takes pixels off both ends, and `output_padding` puts some on at the end."""
    n = number(4, 7)
    cases = [(n, *how) for how in ((5, 2, 2), (5, 3, 1, 2), (2, 3, 0, 2))]
    answers = candidate.run(probes.counts, "overlap_count", cases)
    assert_close(answers, [counts(*each) for each in cases], name="the counts")


@check("checkerboard", points=1)
def test_checkerboard_free(candidate, number):
    """It is said of every kernel and stride whether prints overlap evenly."""
    stride = number(2, 4)
    cases = [(3, 1), *((k, stride) for k in range(1, 4 * stride))]
    answers = candidate.run(probes.counts, "is_checkerboard_free", cases)
    assert_close(answers, [k % stride == 0 for k, stride in cases], name="the answers")


def same_layer(candidate, x, w, r):
    """Demand of convolution and pixel shuffle what the transposed convolution gives."""
    w_conv, padding = candidate.run(probes.value, "to_subpixel", w, r)
    (Ci, Co, k, _), m = w.shape, w.shape[2] // r
    assert_close([*w_conv.shape], [Co * r * r, Ci, m, m], name="the shape of the kernel")
    require(type(padding) is int and 0 <= padding <= k, "the padding is not a number of pixels")
    image = torch.nn.functional.pixel_shuffle(torch.nn.functional.conv2d(x, w_conv, padding=padding), r)
    assert_close(image, torch.nn.functional.conv_transpose2d(x, w, stride=r), name="the image", **ROUGH)


@check("checkerboard", points=2)
def test_subpixel_of_one_tap(candidate, draw):
    """Where kernel and stride are equal, each phase has one tap: the shuffle puts it in its place."""
    same_layer(candidate, draw(1, 2, 3, 4), draw(2, 3, 2, 2), 2)
    same_layer(candidate, draw(2, 3, 3, 4), draw(3, 1, 3, 3), 3)


@check("checkerboard", points=3)
@pytest.mark.parametrize(("r", "m"), [(2, 2), (3, 2), (2, 3)], ids=["2 by 2", "3 by 2", "2 by 3"])
def test_subpixel(candidate, draw, r, m):
    """Where prints overlap, each phase has m x m taps, and each meets the right pixel."""
    taps, block = draw(2, 1, m, m), draw(1, 1, r, r)
    w = torch.kron(taps, block + block.mT)  # which of a phase's numbers is the row has a check of its own
    same_layer(candidate, draw(1, 2, 4, 5), w, r)


@check("checkerboard", points=1)
@pytest.mark.careless("dtype", "inputs")
def test_subpixel_manners(candidate, reference, draw):
    """The kernel keeps its dtype and is left alone, and one of 5 x 5 has no 2 x 2 phases."""
    cases = [case(torch.full((2, 3, 2, 2), 1 / 3, dtype=dtype), 2) for dtype in (torch.float32, torch.float64)]
    polite(candidate, reference, "to_subpixel", *cases)
    refused(candidate, "to_subpixel", case(draw(2, 3, 5, 5), 2))
