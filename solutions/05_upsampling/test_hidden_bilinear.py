"""Hidden checks of part 2: between four pixels. torch itself says what is right."""

import probes
import pytest
import torch
from manners import ROUGH, answers, case, interpolates, polite, refused

from grader.checks import assert_close, check, require

BILINEAR = "bilinear_upsample"
SCALES = [1.3, 1.9, 2.6, 0.7]


def as_torch(candidate, *cases):
    """Demand torch's answers to images with these arguments."""
    expected = [torch.nn.functional.interpolate(x, mode="bilinear", **asked) for x, asked in cases]
    answers(candidate, BILINEAR, [case(x, **asked) for x, asked in cases], expected, **ROUGH)


@check("bilinear", points=3)
def test_bilinear_twofold(candidate, draw):
    """Twice as large, with `align_corners` left as it is: pixels lie a quarter before and after the old ones."""
    as_torch(candidate, (draw(2, 3, 4, 5), {"scale_factor": 2}))


@check("bilinear", points=3)
def test_bilinear_size(candidate, draw, number):
    """To any size, larger and smaller."""
    x = draw(1, 2, 5, number(6, 8))
    sizes = (number(6, 14), number(9, 20)), (number(2, 3), 11)
    as_torch(candidate, *((x, {"size": size, "align_corners": False}) for size in sizes))


@check("bilinear", points=2)
def test_bilinear_scale(candidate, draw, number):
    """With a scale of 1.3 or 0.7 the step is 1 / scale, also where the size was rounded down."""
    x = draw(1, 2, 7, 9)
    scales = [tuple(SCALES[number(0, len(SCALES) - 1)] for _ in range(2)) for _ in range(2)]
    as_torch(candidate, *((x, {"scale_factor": each}) for each in scales))


@check("bilinear", points=5)
@pytest.mark.parametrize("asked", ["size", "scale"])
def test_corners_aligned(candidate, draw, number, asked):
    """With `align_corners` the corners keep their pixels, and the rest lies evenly between."""
    x = draw(1, 2, 5, number(6, 8))
    how = {"size": (2, number(9, 20))} if asked == "size" else {"scale_factor": (1.3, 2.6)}
    as_torch(candidate, (x, {**how, "align_corners": True}))


@check("bilinear", points=2)
def test_one_pixel(candidate, draw):
    """With `align_corners` a single row or column is the first one of the input."""
    x, sizes = draw(1, 3, 4, 5), [(1, 5), (4, 1), (1, 1)]
    cases = [case(x, size, align_corners=True) for size in sizes]
    answers(candidate, BILINEAR, cases, [x[:, :, :high, :wide] for high, wide in sizes], **ROUGH)


@check("bilinear", points=2)
def test_within_the_pixels(candidate, draw):
    """Nothing is brighter than the brightest pixel or darker than the darkest, at the border neither."""
    x = draw(1, 2, 3, 4).sigmoid()
    x[0, 0, 0], x[0, 0, 1], x[0, 1, :, -1], x[0, 1, :, -2] = 1, 0, 1, 0  # steep at the border
    for corners in (False, True):
        answer, _ = interpolates(candidate, x, (7, 9), align_corners=corners)
        within = (answer <= 1 + 1e-5) & (answer >= -1e-5)
        require(bool(within.all()), "a pixel is brighter or darker than all of the input")


@check("bilinear", points=3)
def test_bilinear_gradient(candidate, draw):
    """The gradient with respect to the image is that of what was computed."""
    (x, other), g = draw(2, 1, 2, 3, 4), draw(1, 2, 7, 6)
    answer, of_other = interpolates(candidate, x, (7, 6), other)
    _, gradient = candidate.run(probes.gradient, BILINEAR, x, g, (7, 6))
    require(gradient.shape == x.shape, "the gradient does not have the image's shape")
    # the answer is linear in the image, so that both are the same bilinear form of image and g
    products = [(gradient * image).sum() for image in (x, other)]
    assert_close(products, [(answer * g).sum(), (of_other * g).sum()], name="the gradient times an image", **ROUGH)


@check("bilinear", points=2)
def test_wide_in_bfloat16(candidate, draw):
    """A wide image in bfloat16 is right to its last bit: places and mixtures are worked out in float32 at least."""
    x, size = draw(1, 1, 2, 300, dtype=torch.bfloat16), (2, 900)
    right, _ = interpolates(candidate, x.double(), size)
    answer = candidate.run(probes.value, BILINEAR, x, size)
    assert_close(answer, right.to(torch.bfloat16).double(), rtol=0.01, atol=1e-3)  # one step of bfloat16, and no more


@check("bilinear", points=1)
@pytest.mark.careless("dtype", "inputs")
def test_bilinear_manners(candidate, reference, draw):
    """The answer is in the image's dtype and to its precision, and the image is left alone."""
    images = [draw(2, 3, 4, 4, dtype=dtype) for dtype in (torch.float32, torch.float64, torch.float16)]
    polite(candidate, reference, BILINEAR, *(case(x, 10, align_corners=True) for x in images))


@check("bilinear", points=2, after=test_bilinear_gradient)
def test_bilinear_refuses(candidate, draw):
    """Both or neither of size and scale, an image of no pixels, and what is no image are refused."""
    x = draw(1, 2, 4, 5)
    asked = [{}, {"size": 8, "scale_factor": 2}, {"size": (3, 0)}, {"scale_factor": 0.1}, {"scale_factor": -1.0}]
    refused(candidate, BILINEAR, *(case(x, **each) for each in asked), case(x[0], 8))
