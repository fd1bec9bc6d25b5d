"""Hidden checks of part 5: transposed convolution.

Kernels are their own mirror image, and there is one channel, where neither is what is looked at: so a flipped kernel
or swapped channels lose the checks that are there for them, and not all.
"""

import probes
import pytest
import torch
from manners import ROUGH, answers, case, polite, refused

from grader.checks import assert_close, check, require

TRANSPOSED = "conv_transpose2d"


def mirrored(w):
    """A kernel that is the same from right to left and from below."""
    return w + w.flip(-2, -1)


def printed(candidate, *cases):
    """Demand torch's transposed convolutions."""
    expected = [torch.nn.functional.conv_transpose2d(*args, **how) for args, how in cases]
    answers(candidate, TRANSPOSED, cases, expected, **ROUGH)


@check("transposed", points=4)
def test_prints_the_kernel(candidate, draw):
    """A single pixel of value 1 prints the kernel, wherever it is."""
    x, w = torch.zeros(1, 1, 3, 3, dtype=torch.float64), draw(1, 1, 2, 3)
    x[0, 0, 1, 2] = 1
    printed(candidate, case(x[:, :, 1:2, 2:].clone(), w), case(x, w, stride=3))


@check("transposed", points=4)
def test_channels(candidate, draw):
    """Each of two channels prints into each of three: the first axis of w is where it comes from."""
    as_many, fewer, more = (mirrored(draw(*channels, 3, 3)) for channels in ((3, 3), (3, 2), (2, 3)))
    x = draw(2, 3, 3, 4)
    cases = case(x, as_many, stride=3), case(x, fewer, stride=3), case(x[:, :2].clone(), more, stride=3)
    printed(candidate, *cases)


@check("transposed", points=4)
@pytest.mark.parametrize(("stride", "k"), [(2, 3), (3, 2), ((2, 3), 4)], ids=["overlapping", "apart", "a pair"])
def test_stride(candidate, draw, stride, k):
    """Prints are a stride apart: they overlap and add up, or leave zeros between them."""
    printed(candidate, case(draw(1, 1, 4, 5), mirrored(draw(1, 1, k, k)), stride=stride))


@check("transposed", points=3)
@pytest.mark.parametrize("padding", [1, (2, 1)], ids=["all around", "a pair"])
def test_padding(candidate, draw, padding):
    """Padding takes rows and columns off the output."""
    printed(candidate, *(case(draw(1, 1, 3, 4), mirrored(draw(1, 1, k, k)), stride=k, padding=padding) for k in (3, 4)))


@check("transposed", points=2)
def test_output_padding(candidate, draw):
    """`output_padding` puts rows and columns on below and at the right, with what is printed there."""
    x, w = draw(1, 1, 3, 4), mirrored(draw(1, 1, 3, 3))
    beyond, given_back = {"output_padding": 1}, {"padding": 2, "output_padding": (0, 2)}
    printed(candidate, case(x, w, stride=3, **beyond), case(x, w, stride=3, **given_back))
    one = case(x[:, :, :1, :1].clone(), mirrored(draw(1, 1, 2, 2)), stride=2, padding=1, output_padding=1)
    printed(candidate, one)  # a single pixel comes out


@check("transposed", points=1)
def test_bias(candidate, draw):
    """A bias is added once to every pixel of its channel, printed on or not."""
    x, w, bias = draw(2, 2, 3, 4), mirrored(draw(1, 1, 3, 3)).expand(2, 2, 3, 3).contiguous(), draw(2)
    with_it, without = candidate.run(probes.with_and_without_bias, x, w, bias, stride=2, output_padding=1)
    expected = bias.view(-1, 1, 1).expand(2, 2, 8, 10)
    assert_close(with_it - without, expected, name="what the bias adds", **ROUGH)


@check("transposed", points=2)
def test_adjoint(candidate, draw):
    """It is the adjoint of the convolution: <conv(u, w), x> is <u, conv_transpose(x, w)> for any u."""
    w, u = draw(3, 2, 3, 2), draw(2, 2, 8, 9)
    how = {"stride": (2, 3), "padding": (1, 0)}
    forwards = torch.nn.functional.conv2d(u, w, **how)
    x = draw(*forwards.shape)
    answer = candidate.run(probes.value, TRANSPOSED, x, w, output_padding=(1, 1), **how)
    assert_close((u * answer).sum(), (forwards * x).sum(), name="the inner product", **ROUGH)


@check("transposed", points=1)
@pytest.mark.careless("dtype", "inputs")
def test_transposed_manners(candidate, reference, draw):
    """The answer is in the image's dtype and to its precision, and image, kernel and bias are left alone."""
    inputs = draw(1, 1, 3, 3), mirrored(draw(1, 1, 2, 2)), draw(1)
    cases = [case(*(x.to(dtype) for x in inputs), stride=2) for dtype in (torch.float32, torch.float64)]
    polite(candidate, reference, TRANSPOSED, *cases)


@check("transposed", points=1, after=test_bias)
def test_transposed_refuses(candidate, draw):
    """An `output_padding` of a whole stride, other channels, and an output without pixels are refused."""
    x, w = draw(1, 2, 3, 4), draw(2, 1, 3, 3)
    beyond = [{"stride": stride, "output_padding": 2} for stride in ((2, 3), (3, 2))]
    nothing = [{"padding": padding} for padding in ((3, 0), (0, 3))]
    refused(candidate, TRANSPOSED, *(case(x, w, **how) for how in (*beyond, *nothing)), case(x, w[:1].clone()))


# ---- bilinear_kernel -------------------------------------------------------------------------------------------


def upsampled(candidate, x, r):
    """A transposed convolution of x with the kernel that comes out, in float64."""
    w, k, padding = candidate.run(probes.value, "bilinear_kernel", x.shape[1], r)
    assert_close([*w.shape], [x.shape[1], x.shape[1], k, k], name="the shape of the kernel")
    return torch.nn.functional.conv_transpose2d(x, w, stride=r, padding=padding)


@check("transposed", points=2)
def test_bilinear_kernel(candidate, draw):
    """With the kernel a transposed convolution upsamples bilinearly, away from the border: by 2, 3 and 4."""
    for r in (2, 3, 4):
        x = draw(1, 1, 5, 6)
        answer, expected = (
            upsampled(candidate, x, r),
            torch.nn.functional.interpolate(x, scale_factor=r, mode="bilinear"),
        )
        assert_close([*answer.shape], [*expected.shape], name="the size of the upsampled image")
        assert_close(answer[..., r:-r, r:-r], expected[..., r:-r, r:-r], name="the image away from the border", **ROUGH)


@check("transposed", points=1)
def test_bilinear_kernel_mixes_nothing(candidate, draw):
    """No channel goes into another, and all are upsampled alike."""
    x = draw(1, 1, 4, 4)
    alone = upsampled(candidate, x, 2)
    several = upsampled(candidate, torch.cat([0 * x, x, -x], 1), 2)
    assert_close(several, torch.cat([0 * alone, alone, -alone], 1), name="three channels", **ROUGH)
    require(bool((alone != 0).any()), "nothing comes out of the image")
