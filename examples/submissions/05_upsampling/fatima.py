# %% [markdown]
# # Upsampling
#
# Read `README.md` (or `README.zh.md`) first: it has the pictures, the pinned conventions and the points. Fill in the
# functions below, and hand in this module or its notebook. `grader check 5` and `pytest` try your work on the examples
# of the handout.
#
# An image is `(N, C, H, W)`: batch, channels, height, width.

# %%
"""Assignment 5: upsampling."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

# %% [markdown]
# ## Part 1: The nearest pixel


# %%
def nearest_upsample(
    x: Tensor,
    size: int | tuple[int, int] | None = None,
    scale_factor: float | tuple[float, float] | None = None,
    *,
    exact: bool = False,
) -> Tensor:
    r"""Give each output pixel the value of one input pixel.

    Along an axis of n pixels the output pixel i gets the input pixel floor(i / s), or floor((i + 1/2) / s) if `exact`.
    There s is `scale_factor` where that is given, and n' / n where the `size` n' is. Of `scale_factor` s come
    floor(n s) pixels. Either argument may be one number, or a pair for height and width.

    Shapes:
        x: (N, C, H, W), of any dtype
        returns (N, C, H', W'), in x's dtype

    Raises:
        ValueError: unless exactly one of `size` and `scale_factor` is given, if no pixel would come out, if x is not
            (N, C, H, W).

    Source:
        torch.nn.functional.interpolate, modes "nearest" and "nearest-exact".
    """
    raise NotImplementedError("nearest_upsample: see README.md, part 1")


# %% [markdown]
# ## Part 2: Between four pixels


# %%
def bilinear_upsample(
    x: Tensor,
    size: int | tuple[int, int] | None = None,
    scale_factor: float | tuple[float, float] | None = None,
    *,
    align_corners: bool = False,
) -> Tensor:
    r"""Interpolate linearly along the height and along the width.

    The output pixel i lies at (i + 1/2) / s - 1/2 in the input, but never before the first pixel; or, if
    `align_corners`, at i (n - 1) / (n' - 1), and at 0 if n' is 1. It gets a mixture of the pixels before and after that
    place; after the last pixel that is the last pixel. Size and scale are as in `nearest_upsample`.

    Shapes:
        x: (N, C, H, W), of a floating dtype
        returns (N, C, H', W'), in x's dtype and to its precision; float16 and bfloat16 are mixed in float32

    Raises:
        ValueError: as `nearest_upsample` does.

    Source:
        torch.nn.functional.interpolate, mode "bilinear".
    """
    raise NotImplementedError("bilinear_upsample: see README.md, parts 2, 9")


# %% [markdown]
# ## Part 3: Channels become pixels
#
# $$ \mathrm{out}[c, \; r y + i, \; r x + j] = \mathrm{in}[r^2 c + r i + j, \; y, \; x], \qquad 0 \le i, j < r $$


# %%
def pixel_shuffle(x: Tensor, r: int) -> Tensor:
    r"""Make an image r times as high and wide out of r^2 times the channels.

    Shapes:
        x: (..., C r^2, H, W), of any dtype
        returns (..., C, H r, W r)

    Raises:
        ValueError: if the channels are not a multiple of r^2.

    Source:
        Shi et al. (2016), arXiv:1609.05158, equation 4.
    """
    raise NotImplementedError("pixel_shuffle: see README.md, part 3")


# %%
def pixel_unshuffle(x: Tensor, r: int) -> Tensor:
    r"""Undo `pixel_shuffle`.

    Shapes:
        x: (..., C, H r, W r), of any dtype
        returns (..., C r^2, H, W)

    Raises:
        ValueError: if height or width is not a multiple of r.
    """
    raise NotImplementedError("pixel_unshuffle: see README.md, part 3")


# %% [markdown]
# ## Part 4: Pooling that remembers, and its way back


# %%
def max_pool2d_with_indices(x: Tensor, k: int, s: int | None = None, p: int = 0) -> tuple[Tensor, Tensor]:
    r"""Return the largest pixel of each k x k window, and where it was.

    Windows are `s` apart, or k where that is None. `p` rows and columns (at most k // 2) are put around the image that
    are never the largest. A window that does not fit in any more is left out.

    Shapes:
        x: (N, C, H, W)
        returns y: (N, C, h, w), in x's dtype   indices: (N, C, h, w), int64: row * W + column in x, without the padding
    """
    raise NotImplementedError("max_pool2d_with_indices: see README.md, part 4")


# %%
def max_unpool2d(y: Tensor, indices: Tensor, output_size: tuple[int, int]) -> Tensor:
    r"""Put each value back to where its index says, into an image of zeros.

    Shapes:
        y: (N, C, h, w)   indices: (N, C, h, w), row * W + column of the output
        returns (N, C, H, W) with (H, W) = output_size, in y's dtype

    Raises:
        ValueError: if an index lies outside of the output, or the shapes of y and indices differ.

    Source:
        Zeiler & Fergus (2014), arXiv:1311.2901, section 2.1: switches.
    """
    raise NotImplementedError("max_unpool2d: see README.md, part 4")


# %%
def bed_of_nails(x: Tensor, r: int) -> Tensor:
    r"""Put each pixel into the upper left corner of an r x r block of zeros.

    Shapes:
        x: (N, C, H, W), of any dtype
        returns (N, C, H r, W r), in x's dtype
    """
    raise NotImplementedError("bed_of_nails: see README.md, part 4")


# %% [markdown]
# ## Parts 5 and 6: Transposed convolution
#
# Each input pixel prints the kernel, times its value, into the output; where prints overlap they add up.
#
# $$ \mathrm{out}[o, \; s y + d i - p, \; s x + d j - p] \mathrel{+}= \sum_c \mathrm{in}[c, y, x] \; w[c, o, i, j] $$


# %%
def conv_transpose2d(
    x: Tensor,
    w: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    output_padding: int | tuple[int, int] = 0,
    groups: int = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    r"""Return the adjoint of the convolution that has the same w, stride, padding, groups and dilation.

    Part 5 asks for groups = dilation = 1. Part 6 (stretch) asks for the rest, with no multiplications by zero.

    Shapes:
        x: (N, Ci, H, W)   w: (Ci, Co / groups, kh, kw)   bias: (Co,)
        returns (N, Co, H', W') with H' = (H - 1) stride - 2 padding + dilation (kh - 1) + output_padding + 1

    Raises:
        ValueError: if an output_padding is not below stride or dilation, whichever is larger; if x and w differ in Ci,
            or `groups` does not divide it; if the output would have no pixel.

    Source:
        Dumoulin & Visin (2016), arXiv:1603.07285, chapter 4.
    """
    raise NotImplementedError("conv_transpose2d: see README.md, parts 5, 6, 9")


# %%
def bilinear_kernel(channels: int, r: int) -> tuple[Tensor, int, int]:
    r"""Return the w, its size k and the padding with which a transposed convolution of stride r upsamples bilinearly.

    Away from the border `conv_transpose2d(x, w, stride=r, padding=padding)` is `bilinear_upsample(x, scale_factor=r)`.

    Shapes:
        w: (channels, channels, k, k), float32; no channel goes into another

    Source:
        Long et al. (2015), arXiv:1411.4038, section 3.3.
    """
    raise NotImplementedError("bilinear_kernel: see README.md, part 5")


# %% [markdown]
# ## Part 7: A sub-pixel layer that starts smooth


# %%
def icnr_(
    weight: Tensor,
    r: int,
    *,
    generator: torch.Generator | None = None,
    base_init: Callable[..., Tensor] = nn.init.kaiming_normal_,
) -> Tensor:
    r"""Fill the weight of a convolution so that `pixel_shuffle` after it gives blocks of r x r equal pixels.

    `base_init(tensor, generator=generator)` fills a kernel for one pixel of each block. The weight is filled in place,
    without a trace in autograd's graph, and returned.

    Shapes:
        weight: (C r^2, Ci, k, k)   base_init is given (C, Ci, k, k)

    Raises:
        ValueError: if the weight's first dimension is not a multiple of r^2.

    Source:
        Aitken et al. (2017), arXiv:1707.02937, section 2.2.
    """
    raise NotImplementedError("icnr_: see README.md, part 7")


# %% [markdown]
# ## Part 8: The checkerboard, and the same layer twice


# %%
def overlap_count(n: int, k: int, stride: int, padding: int = 0, output_padding: int = 0) -> Tensor:
    r"""Count how many of the n input pixels print on each output pixel, along one axis.

    Shapes:
        returns (n',), int64, with n' as in `conv_transpose2d`

    Source:
        Odena et al., "Deconvolution and Checkerboard Artifacts" (Distill, 2016).
    """
    raise NotImplementedError("overlap_count: see README.md, part 8")


# %%
def is_checkerboard_free(k: int, stride: int) -> bool:
    r"""Say whether all output pixels far from the border are printed on equally often."""
    raise NotImplementedError("is_checkerboard_free: see README.md, part 8")


# %%
def to_subpixel(w: Tensor, r: int) -> tuple[Tensor, int]:
    r"""Return the kernel and the padding with which a convolution and a pixel shuffle are a transposed convolution.

    `pixel_shuffle(F.conv2d(x, w_conv, padding=padding), r)` is `conv_transpose2d(x, w, stride=r)`.

    Shapes:
        w: (Ci, Co, r m, r m)
        returns w_conv: (Co r^2, Ci, m, m), in w's dtype   padding: int

    Raises:
        ValueError: if the size of the kernel is not a multiple of r.

    Source:
        Shi et al. (2016), arXiv:1609.07009.
    """
    raise NotImplementedError("to_subpixel: see README.md, part 8")
