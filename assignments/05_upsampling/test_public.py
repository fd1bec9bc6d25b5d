"""The examples of the handout. Run `pytest` or `grader check 5` in this folder. They earn no points."""

import math

import pytest
import torch
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode
from upsample_lab import (
    bed_of_nails,
    bilinear_kernel,
    bilinear_upsample,
    conv_transpose2d,
    icnr_,
    is_checkerboard_free,
    max_pool2d_with_indices,
    max_unpool2d,
    nearest_upsample,
    overlap_count,
    pixel_shuffle,
    pixel_unshuffle,
    to_subpixel,
)

ARTICLE = [[1, 2], [3, 4]]


def image(*rows, dtype=torch.float64):
    """An image of one channel. A single list is a single row."""
    return torch.tensor(rows, dtype=dtype)[None, None]


def close(actual, *numbers, what):
    """Compare an answer with numbers, and say what was compared."""
    yours = [round(float(x), 4) for x in torch.as_tensor(actual).flatten().tolist()]
    assert len(yours) == len(numbers), f"{what}: {len(numbers)} numbers are expected, and yours are {yours}"
    right = all(math.isclose(x, y, rel_tol=1e-4, abs_tol=1e-4) for x, y in zip(yours, numbers, strict=True))
    assert right, f"{what}: {list(numbers)}, and yours: {yours}"


def normal(*shape):
    """Draw a tensor."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(5), dtype=torch.float64)


# ---- part 1: nearest -------------------------------------------------------------------------------------------


def test_nearest_of_the_article():
    """Four pixels become four blocks."""
    blocks = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]
    close(nearest_upsample(image(*ARTICLE), scale_factor=2), *blocks, what="twice as large")
    close(nearest_upsample(image(*ARTICLE), size=(2, 4)), 1, 1, 2, 2, 3, 3, 4, 4, what="twice as wide")


def test_nearest_of_the_handout():
    """Five pixels from three, by their corners and by their centres; and a scale of 1.3."""
    row = image([1, 2, 3])
    close(nearest_upsample(row, size=(1, 5)), 1, 1, 2, 2, 3, what="floor(i * 3 / 5) is 0, 0, 1, 1, 2")
    close(nearest_upsample(row, size=(1, 5), exact=True), 1, 1, 2, 3, 3, what="at the centres: 0.3, 0.9, 1.5, 2.1, 2.7")
    close(nearest_upsample(image([1, 2]), (1, 1), exact=True), 2, what="the centre of both, 1.0, is where 2 begins")
    scaled = nearest_upsample(image([1, 2, 3, 4, 5]), scale_factor=(1, 1.3))
    close(scaled, 1, 1, 2, 3, 4, 4, what="six pixels, 1 / 1.3 apart (a 5 at the end: 5 / 6 apart)")


def test_nearest_refuses():
    """What the handout calls a ValueError."""
    x = image(*ARTICLE)
    for asked in ({}, {"size": 4, "scale_factor": 2}, {"size": 0}, {"scale_factor": 0.1}):
        with pytest.raises(ValueError):  # noqa: PT011  the message is your own
            nearest_upsample(x, **asked)
    with pytest.raises(ValueError):  # noqa: PT011
        nearest_upsample(x[0], 4)


# ---- part 2: bilinear ------------------------------------------------------------------------------------------


def test_bilinear_of_the_article():
    """The first row of both pictures, as torch's documentation has them."""
    x = image(*ARTICLE)
    close(bilinear_upsample(x, scale_factor=2)[:, :, 0], 1, 1.25, 1.75, 2, what="the default")
    aligned = bilinear_upsample(x, scale_factor=2, align_corners=True)
    close(aligned[:, :, 0], 1, 1.3333, 1.6667, 2, what="with corners aligned")
    close(aligned[:, :, 1], 1.6667, 2, 2.3333, 2.6667, what="the second row with corners aligned")


def test_bilinear_of_the_handout():
    """Four pixels from two, one from three, and a scale of 1.3."""
    close(bilinear_upsample(image([0, 4]), (1, 4)), 0, 1, 3, 4, what="places -1/4 (that is 0), 1/4, 3/4, 5/4")
    close(
        bilinear_upsample(image([0, 4]), (1, 4), align_corners=True), 0, 4 / 3, 8 / 3, 4, what="places 0, 1/3, 2/3, 1"
    )
    close(bilinear_upsample(image([2, 4, 9]), (1, 1)), 4, what="the middle of three")
    close(bilinear_upsample(image([2, 4, 9]), (1, 1), align_corners=True), 2, what="a single pixel is the first one")
    scaled = bilinear_upsample(image([0, 10, 20, 30, 40]), scale_factor=(1, 1.3))
    close(scaled[..., -1], 37.3077, what="the last of six is at 5.5 / 1.3 - 1/2 (40: the step is 5 / 6)")


@pytest.mark.parametrize("corners", [False, True])
def test_bilinear_is_torchs(corners):
    """Any size, against torch."""
    x = normal(2, 3, 5, 7)
    for size in ((10, 14), (3, 20), (1, 1)):
        expected = functional.interpolate(x, size, mode="bilinear", align_corners=corners)
        assert torch.allclose(bilinear_upsample(x, size, align_corners=corners), expected), f"to {size} pixels"


# ---- part 3: shuffle -------------------------------------------------------------------------------------------


def test_shuffle_of_the_handout():
    """Channel c has the value c everywhere: what does a block look like?"""
    x = torch.arange(8.0).view(8, 1, 1).expand(8, 2, 3)
    y = pixel_shuffle(x, 2)
    assert y.shape == (2, 4, 6), f"8 channels of 2 x 3 become 2 of 4 x 6, and yours are {tuple(y.shape)}"
    close(y[0, :2, :2], 0, 1, 2, 3, what="the first block of the first channel")
    close(y[1, 2:, 4:], 4, 5, 6, 7, what="the last block of the second channel")


def test_unshuffle_undoes_it():
    """There and back, with a batch and without."""
    x = normal(2, 18, 2, 5)
    assert torch.equal(pixel_unshuffle(pixel_shuffle(x, 3), 3), x)
    assert torch.equal(pixel_unshuffle(pixel_shuffle(x[0], 3), 3), x[0])
    close(pixel_unshuffle(image([1, 2], [3, 4]), 2), 1, 2, 3, 4, what="a block becomes four channels")


def test_shuffle_refuses():
    """Six channels for blocks of four, and five rows for blocks of two."""
    with pytest.raises(ValueError):  # noqa: PT011
        pixel_shuffle(normal(6, 2, 2), 2)
    with pytest.raises(ValueError):  # noqa: PT011
        pixel_unshuffle(normal(1, 5, 4), 2)


# ---- part 4: unpool --------------------------------------------------------------------------------------------


def test_pool_of_the_handout():
    """Nine pixels, in windows of two."""
    x = image([1, 5, 2], [4, 3, 9], [7, 6, 8])
    y, indices = max_pool2d_with_indices(x, 2)
    close(y, 5, what="one window fits in")
    close(indices, 1, what="where the 5 is")
    y, indices = max_pool2d_with_indices(x, 2, 1)
    close(y, 5, 9, 7, 9, what="four windows that overlap")
    close(indices, 1, 5, 6, 5, what="where these are: row * 3 + column")
    y, indices = max_pool2d_with_indices(image([-3]), 3, 1, 1)
    close(y, -3, what="a negative pixel amid padding")
    close(indices, 0, what="its index, without the padding")


def test_unpool_of_the_handout():
    """Back to nine pixels; the 9 that was there twice comes back once."""
    y, indices = image([5, 9], [7, 9]), image([1, 5], [6, 5], dtype=torch.int64)
    close(max_unpool2d(y, indices, (3, 3)), 0, 5, 0, 0, 0, 9, 7, 0, 0, what="each value at its index")
    with pytest.raises(ValueError):  # noqa: PT011
        max_unpool2d(y, indices, (2, 3))


def test_bed_of_nails_of_the_handout():
    """A nail in each upper left corner."""
    close(bed_of_nails(image(*ARTICLE), 2), 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0, what="four nails")


# ---- part 5: transposed ----------------------------------------------------------------------------------------


def test_transposed_of_the_handout():
    """Pixels 1 and 2 print 1, 10, 100."""
    x, w = image([1, 2]), image([1, 10, 100])
    close(conv_transpose2d(x, w), 1, 12, 120, 200, what="one apart")
    close(conv_transpose2d(x, w, stride=2), 1, 10, 102, 20, 200, what="two apart")
    close(conv_transpose2d(x, w, stride=2, padding=(0, 1)), 10, 102, 20, what="with one off at either end")
    back = conv_transpose2d(x, w, stride=2, padding=(0, 1), output_padding=(0, 1))
    close(back, 10, 102, 20, 200, what="and one back at the end")
    biased = conv_transpose2d(x, w, torch.tensor([0.5]), stride=(1, 3), output_padding=(0, 1))
    close(biased, 1.5, 10.5, 100.5, 2.5, 20.5, 200.5, 0.5, what="three apart, one more, and a bias of 1/2")


def test_transposed_refuses():
    """What the handout calls a ValueError."""
    x, w = image([1, 2]), image([1, 10, 100])
    for asked in ({"stride": 2, "output_padding": 2}, {"padding": (0, 2)}):
        with pytest.raises(ValueError):  # noqa: PT011
            conv_transpose2d(x, w, **asked)
    with pytest.raises(ValueError):  # noqa: PT011
        conv_transpose2d(normal(1, 2, 3, 3), normal(3, 1, 2, 2))


def test_bilinear_kernel_of_the_handout():
    """The kernels for 2 and 3, and what comes of one of them."""
    w, k, padding = bilinear_kernel(1, 2)
    assert (k, padding) == (4, 1), f"for r = 2 the size is 4 and the padding 1; yours are {k} and {padding}"
    close(w.sum((0, 1, 2)) / 2, 0.25, 0.75, 0.75, 0.25, what="the taps for r = 2")
    w, k, padding = bilinear_kernel(2, 3)
    close(w[0, 0].sum(0) / 3, 1 / 3, 2 / 3, 1, 2 / 3, 1 / 3, what="the taps for r = 3")
    close(w[0, 1], *[0] * 25, what="what goes from channel 0 to channel 1")
    ramp = torch.arange(6.0).expand(1, 2, 6, 6)
    row = functional.conv_transpose2d(ramp, w, stride=3, padding=padding)[0, 0, 9, 6:9]
    close(row, 1.6667, 2, 2.3333, what="thirds of a ramp, away from the border")


# ---- part 6: general -------------------------------------------------------------------------------------------


def test_general_groups_and_dilation():
    """Two channels that go their own ways, and a print with gaps."""
    x, w = torch.tensor([1.0, 2.0]).view(1, 2, 1, 1), torch.tensor([10.0, 100.0]).view(2, 1, 1, 1)
    close(conv_transpose2d(x, w), 210, what="both into one")
    close(conv_transpose2d(x, w, groups=2), 10, 200, what="each into its own")
    gaps = conv_transpose2d(image([1]), image([1, 10, 100]), dilation=(1, 2))
    close(gaps, 1, 0, 10, 0, 100, what="a print with gaps")


def test_general_takes_few_flops():
    """The numbers of the table."""
    x, w = normal(1, 8, 6, 5), normal(8, 8, 3, 3)
    with FlopCounterMode(display=False) as counter:
        conv_transpose2d(x, w, stride=2)
    used = counter.get_total_flops()
    assert used <= 1.05 * 34_560, f"torch takes 34 560 FLOPs; yours were {used}"


# ---- part 7: icnr ----------------------------------------------------------------------------------------------


def test_icnr_of_the_handout():
    """Two kernels, each four times."""
    seen = []

    def base_init(tensor, generator=None):
        seen.append(generator)
        with torch.no_grad():
            return tensor.copy_(torch.arange(len(tensor)).view(-1, 1, 1, 1))

    weight, generator = torch.nn.Parameter(torch.ones(8, 1, 1, 1)), torch.Generator()
    assert icnr_(weight, 2, generator=generator, base_init=base_init) is weight, "the weight itself is returned"
    close(weight.detach(), 0, 0, 0, 0, 1, 1, 1, 1, what="the kernels (0, 1, 0, 1, ...: tiled)")
    assert seen == [generator], "base_init is called once, with the generator that was given"


# ---- part 8: checkerboard --------------------------------------------------------------------------------------


def test_overlap_of_the_handout():
    """Four pixels, with a kernel of 3 and of 4, two apart."""
    close(overlap_count(4, 3, 2), 1, 1, 2, 1, 2, 1, 2, 1, 1, what="a kernel of 3")
    close(overlap_count(4, 4, 2), 1, 1, 2, 2, 2, 2, 2, 2, 1, 1, what="a kernel of 4")
    close(overlap_count(4, 3, 2, 1, 1), 1, 2, 1, 2, 1, 2, 1, 1, what="one off at both ends, and one back")
    assert is_checkerboard_free(4, 2) is True
    assert is_checkerboard_free(3, 2) is False


def test_subpixel_of_the_handout():
    """The phases of a 4 x 4 kernel, and the same image by both ways."""
    phases, padding = to_subpixel(torch.arange(16.0).view(1, 1, 4, 4), 2)
    close(phases[0], 10, 8, 2, 0, what="the first phase: its taps are 0, 2, 8, 10")
    close(phases[1], 11, 9, 3, 1, what="the phase to the right of it")
    x, w = normal(1, 2, 3, 4), normal(2, 3, 4, 4)
    w_conv, padding = to_subpixel(w, 2)
    both = functional.pixel_shuffle(functional.conv2d(x, w_conv, padding=padding), 2)
    assert torch.allclose(both, functional.conv_transpose2d(x, w, stride=2)), "the images of the two layers differ"


# ---- part 9: gpu -----------------------------------------------------------------------------------------------


def test_gpu_half():
    """On a GPU, or on the CPU where there is none: bfloat16 in, bfloat16 out, and in the same place."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    x, w = (normal(*shape).to(device, torch.bfloat16) for shape in ((1, 2, 4, 4), (2, 2, 3, 3)))
    for out in (bilinear_upsample(x, 9), conv_transpose2d(x, w, stride=2)):
        assert (out.dtype, out.device) == (x.dtype, x.device), f"the answer is {out.dtype} on {out.device}"
