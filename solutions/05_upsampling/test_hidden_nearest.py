"""Hidden checks of part 1: the nearest pixel. Sizes are drawn so that rounding changes nothing: see fair.py."""

import math

import fair
import probes
import pytest
import torch
from manners import answers, case, own_pixels, polite, refused

from grader.checks import assert_close, check

NEAREST = "nearest_upsample"


def taken(x, rows, columns):
    """The image of these rows and columns of x."""
    return x[:, :, rows][..., columns]


@check("nearest", points=2)
def test_whole_factors(candidate, distinct):
    """Twice as large, and three times as wide: every pixel becomes a block."""
    x = distinct(2, 3, 3, 4)
    cases = [case(x, scale_factor=2), case(x, size=(6, 12)), case(x, scale_factor=(1, 3))]
    expected = [torch.kron(x, torch.ones(block, dtype=x.dtype)) for block in ((2, 2), (2, 3), (1, 3))]
    answers(candidate, NEAREST, cases, expected)


@check("nearest", points=4)
def test_pixels_of_the_input(candidate, distinct, number):
    """The image has the size that was asked for, and all its pixels are pixels of the same channel."""
    (H, s), (W, t) = fair.scaled(number), fair.scaled(number)
    x = distinct(2, 3, H, W)
    cases = [case(x, scale_factor=(s, t)), case(x, 7), case(x, (2 * H, 5))]
    sizes = [(math.floor(H * s), math.floor(W * t)), (7, 7), (2 * H, 5)]
    for (args, asked), size in zip(cases, sizes, strict=True):
        own_pixels(candidate.run(probes.value, NEAREST, *args, **asked), x, size)


@check("nearest", points=2)
@pytest.mark.parametrize("sizes", [fair.enlarged, fair.reduced], ids=["larger", "smaller"])
def test_nearest_size(candidate, distinct, number, sizes):
    """To any size, output pixel i takes input pixel floor(i n / n')."""
    n, out = sizes(number)
    x, at = distinct(1, 2, n, n), fair.by_torch(n, size=out)
    assert_close(candidate.run(probes.value, NEAREST, x, out), taken(x, at, at))


@check("nearest", points=2)
def test_nearest_scale(candidate, distinct, number):
    """With a scale of 1.3 or 0.7 the step is 1 / scale, also where the size was rounded down."""
    n, scale = fair.scaled(number)
    x, at = distinct(1, 2, n, n), fair.by_torch(n, scale=scale)
    assert_close(candidate.run(probes.value, NEAREST, x, scale_factor=scale), taken(x, at, at))


@check("nearest", points=3)
def test_nearest_exact(candidate, distinct, number):
    """With `exact` the pixel under the centre is taken, also where twice as many become one."""
    n, out = fair.enlarged(number)
    x, at = distinct(1, 2, n, n), fair.by_torch(n, size=out, exact=True)
    m = number(2, 4)
    halved, centres = distinct(1, 2, 2 * m, 2 * m), fair.by_torch(2 * m, size=m, exact=True)  # between two pixels
    cases = case(x, out, exact=True), case(halved, m, exact=True)
    answers(candidate, NEAREST, cases, [taken(x, at, at), taken(halved, centres, centres)])


@check("nearest", points=1)
@pytest.mark.careless("dtype", "inputs")
def test_nearest_manners(candidate, reference, distinct):
    """Pixels of any dtype stay what they are, and the image is left alone."""
    images = [distinct(2, 3, 4, 4, dtype=dtype) for dtype in (torch.float32, torch.float64, torch.uint8, torch.bool)]
    images.append(distinct(1, 2, 4, 4, dtype=torch.int64) + 2**60)  # no float has these
    polite(candidate, reference, NEAREST, *(case(x, 8, exact=True) for x in images))


@check("nearest", points=1)
def test_nearest_refuses(candidate, distinct):
    """Both or neither of size and scale, an image of no pixels, and what is no image are refused."""
    x = distinct(1, 2, 4, 5)
    own_pixels(candidate.run(probes.value, NEAREST, x, scale_factor=2), x, (8, 10))
    asked = [{}, {"size": 8, "scale_factor": 2}, {"size": (0, 3)}, {"scale_factor": 0.1}, {"scale_factor": -1.0}]
    refused(candidate, NEAREST, *(case(x, **each) for each in asked), case(x[0], 8))
