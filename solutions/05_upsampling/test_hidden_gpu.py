"""Hidden checks of part 9: on a GPU, in half the bits. With `--pretend-gpu cpu` they run on the CPU."""

from functools import partial

import probes
import pytest
import torch
from manners import case

from grader.checks import assert_close, at_most, check, require

HALF = torch.bfloat16, torch.float16


def in_half(candidate, function, right, cases):
    """Demand answers that are where the inputs are, and right to the precision of their dtypes."""
    answers, there = candidate.run(probes.where_they_are, function, cases)
    require(there, "an answer is not on the device on which the image is")
    expected = [right(*(x.double() for x in args), **how).to(args[0].dtype) for args, how in cases]
    assert_close(answers, expected)


def even(w):
    """A kernel that is its own mirror image, and the same for all channels in and out: part 5 has checks for these."""
    return (w + w.flip(-2, -1))[:1, :1].expand(w.shape).contiguous()


@check("gpu", points=1.5)
@pytest.mark.careless("dtype")
@pytest.mark.gpu(count=1, memory="2GB", shared=True)
def test_gpu_bilinear(candidate, draw):
    """A wide image in half precision stays on the GPU, and is right to its precision."""
    right = partial(torch.nn.functional.interpolate, mode="bilinear")
    in_half(candidate, "bilinear_upsample", right, [case(draw(1, 4, 9, 300, dtype=t), size=(20, 900)) for t in HALF])


@check("gpu", points=1.5)
@pytest.mark.careless("dtype")
@pytest.mark.gpu(count=1, memory="2GB", shared=True)
def test_gpu_transposed(candidate, draw):
    """A transposed convolution in half precision stays on the GPU, and is right to its precision."""
    x, w, bias = draw(2, 4, 9, 30), even(draw(4, 4, 4, 4)), draw(4)
    cases = [case(x.to(t), w.to(t), bias.to(t), stride=2) for t in HALF]
    in_half(candidate, "conv_transpose2d", torch.nn.functional.conv_transpose2d, cases)


@check("gpu", points=1)
@pytest.mark.gpu(count=1, memory="4GB")
def test_gpu_memory(candidate, draw):
    """A transposed convolution holds no more than three times what all pixels print, and the output."""
    x, w = draw(2, 8, 32, 32, dtype=torch.float32), even(draw(8, 8, 4, 4, dtype=torch.float32))
    expected = torch.nn.functional.conv_transpose2d(x.double(), w.double(), stride=4)
    out, peak = candidate.run(probes.peak_of_transposed, x, w, 4)
    assert_close(out, expected, rtol=1e-3, atol=1e-3)  # sums in float32
    prints = 2 * (8 * 4 * 4) * (32 * 32)
    at_most(peak, 3 * 4 * (prints + expected.numel()), name="memory")
