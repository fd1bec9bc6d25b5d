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
# BEGIN SOLUTION
def pair(x: float | tuple) -> tuple:
    """One number for height and width, or one for each."""
    return tuple(x) if isinstance(x, (tuple, list)) else (x, x)


def axes(
    x: Tensor, size: int | tuple[int, int] | None, scale_factor: float | tuple[float, float] | None
) -> list[tuple[int, int, float, float]]:
    """For height and for width: the dimension, how many pixels come out, and the step a/b from one to the next.

    The step is kept as two numbers, for i * a / b is rounded once, and then floor is right for all integers.
    """
    if x.ndim != 4:
        raise ValueError(f"an image is (N, C, H, W), not {tuple(x.shape)}")
    if (size is None) == (scale_factor is None):
        raise ValueError("give either size or scale_factor")
    found = []
    for dim, n in enumerate(x.shape[2:], 2):
        if size is not None:
            out = pair(size)[dim - 2]
            found.append((dim, out, n, out))
        else:
            s = pair(scale_factor)[dim - 2]
            found.append((dim, math.floor(n * s), 1, s))
    if any(out < 1 for _, out, _, _ in found):
        raise ValueError("no pixel would come out")
    return found


# END SOLUTION


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
    # BEGIN SOLUTION
    for dim, out, a, b in axes(x, size, scale_factor):
        i = torch.arange(out, dtype=torch.float64, device=x.device)  # (out,)
        source = (i + 0.5 if exact else i) * a / b
        x = x.index_select(dim, source.long())  # first (N, C, H', W), then (N, C, H', W')
    return x
    # END SOLUTION


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
    # BEGIN SOLUTION
    y = x.to(torch.promote_types(x.dtype, torch.float32))
    for dim, out, a, b in axes(x, size, scale_factor):
        n, i = x.shape[dim], torch.arange(out, dtype=torch.float64, device=x.device)  # (out,)
        place = i * (n - 1) / max(out - 1, 1) if align_corners else ((i + 0.5) * a / b - 0.5).clamp(min=0)
        before = place.long()
        after = (before + 1).clamp(max=n - 1)
        share = (place - before).to(y.dtype)  # (out,), of the pixel after
        share = share.view(-1, 1) if dim == 2 else share
        y = torch.lerp(y.index_select(dim, before), y.index_select(dim, after), share)  # (N, C, H', W), (N, C, H', W')
    return y.to(x.dtype)
    # END SOLUTION


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
    # BEGIN SOLUTION
    *batch, channels, H, W = x.shape
    if channels % r**2:
        raise ValueError(f"{channels} channels are no multiple of {r**2}")
    x = x.reshape(*batch, channels // r**2, r, r, H, W)  # (..., C, i, j, H, W)
    x = x.movedim((-4, -3), (-3, -1))  # (..., C, H, i, W, j)
    return x.reshape(*batch, channels // r**2, H * r, W * r)
    # END SOLUTION


# %%
def pixel_unshuffle(x: Tensor, r: int) -> Tensor:
    r"""Undo `pixel_shuffle`.

    Shapes:
        x: (..., C, H r, W r), of any dtype
        returns (..., C r^2, H, W)

    Raises:
        ValueError: if height or width is not a multiple of r.
    """
    # BEGIN SOLUTION
    *batch, C, height, width = x.shape
    if height % r or width % r:
        raise ValueError(f"{height} x {width} pixels do not fall into blocks of {r} x {r}")
    x = x.reshape(*batch, C, height // r, r, width // r, r)  # (..., C, H, i, W, j)
    x = x.movedim((-3, -1), (-4, -3))  # (..., C, i, j, H, W)
    return x.reshape(*batch, C * r**2, height // r, width // r)
    # END SOLUTION


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
    # BEGIN SOLUTION
    s = k if s is None else s
    W = x.shape[3]
    padded = nn.functional.pad(x, (p, p, p, p), value=-torch.inf)  # (N, C, H + 2p, W + 2p)
    windows = padded.unfold(2, k, s).unfold(3, k, s).flatten(-2)  # (N, C, h, w, k k)
    y, best = windows.max(-1)  # (N, C, h, w)
    row = torch.arange(y.shape[2], device=x.device).view(-1, 1) * s - p + best // k
    column = torch.arange(y.shape[3], device=x.device) * s - p + best % k
    return y, row * W + column
    # END SOLUTION


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
    # BEGIN SOLUTION
    (N, C), (H, W) = y.shape[:2], output_size
    if y.shape != indices.shape:
        raise ValueError(f"{tuple(y.shape)} values and {tuple(indices.shape)} indices")
    if bool(((indices < 0) | (indices >= H * W)).any()):
        raise ValueError(f"an index lies outside of {H} x {W} pixels")
    out = y.new_zeros(N, C, H * W).scatter(2, indices.flatten(2), y.flatten(2))  # (N, C, H W)
    return out.view(N, C, H, W)
    # END SOLUTION


# %%
def bed_of_nails(x: Tensor, r: int) -> Tensor:
    r"""Put each pixel into the upper left corner of an r x r block of zeros.

    Shapes:
        x: (N, C, H, W), of any dtype
        returns (N, C, H r, W r), in x's dtype
    """
    # BEGIN SOLUTION
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, H * r, W * r)
    out[:, :, ::r, ::r] = x
    return out
    # END SOLUTION


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
    # BEGIN SOLUTION
    (N, Ci, H, W), k = x.shape, tuple(w.shape[2:])
    s, p, extra, d = pair(stride), pair(padding), pair(output_padding), pair(dilation)
    if w.shape[0] != Ci or Ci % groups:
        raise ValueError(f"{Ci} channels, a kernel for {w.shape[0]} and {groups} groups do not fit")
    if any(extra[i] >= max(s[i], d[i]) for i in (0, 1)):
        raise ValueError(f"output_padding {extra} must be below stride {s} or dilation {d}")
    full = [(n - 1) * s[i] + d[i] * (k[i] - 1) + 1 for i, n in enumerate((H, W))]  # all that is printed on
    if any(full[i] - 2 * p[i] + extra[i] < 1 for i in (0, 1)):
        raise ValueError("no pixel would come out")
    w = w.reshape(groups, Ci // groups, -1)  # (g, Ci/g, Co/g kh kw)
    prints = w.mT @ x.reshape(N, groups, Ci // groups, H * W)  # (N, g, Co/g kh kw, H W)
    out = nn.functional.fold(prints.flatten(1, 2), full, k, dilation=d, stride=s)  # (N, Co, *full)
    out = nn.functional.pad(
        out, (-p[1], extra[1] - p[1], -p[0], extra[0] - p[0])
    )  # (N, Co, H', W'); below 0 it cuts off
    return out if bias is None else out + bias.view(-1, 1, 1)
    # END SOLUTION


# %%
def bilinear_kernel(channels: int, r: int) -> tuple[Tensor, int, int]:
    r"""Return the w, its size k and the padding with which a transposed convolution of stride r upsamples bilinearly.

    Away from the border `conv_transpose2d(x, w, stride=r, padding=padding)` is `bilinear_upsample(x, scale_factor=r)`.

    Shapes:
        w: (channels, channels, k, k), float32; no channel goes into another

    Source:
        Long et al. (2015), arXiv:1411.4038, section 3.3.
    """
    # BEGIN SOLUTION
    k = 2 * r - r % 2
    tent = 1 - (torch.arange(k) - (k - 1) / 2).abs() / r  # (k,), 1 in the middle, down to 0 over r pixels
    w = torch.eye(channels)[:, :, None, None] * torch.outer(tent, tent)  # (channels, channels, k, k)
    return w, k, (k - r) // 2
    # END SOLUTION


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
    # BEGIN SOLUTION
    if weight.shape[0] % r**2:
        raise ValueError(f"{weight.shape[0]} channels are no multiple of {r**2}")
    base = weight.new_empty(weight.shape[0] // r**2, *weight.shape[1:])  # (C, Ci, k, k)
    base_init(base, generator=generator)
    with torch.no_grad():
        return weight.copy_(base.repeat_interleave(r**2, 0))  # (C r^2, Ci, k, k): all r^2 of a block are neighbours
    # END SOLUTION


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
    # BEGIN SOLUTION
    out = (n - 1) * stride - 2 * padding + k + output_padding
    on = torch.arange(n).view(-1, 1) * stride + torch.arange(k) - padding  # (n, k): where pixel and tap meet
    return torch.bincount(on[(on >= 0) & (on < out)], minlength=out)  # (out,)
    # END SOLUTION


# %%
def is_checkerboard_free(k: int, stride: int) -> bool:
    r"""Say whether all output pixels far from the border are printed on equally often."""
    # BEGIN SOLUTION
    return k % stride == 0
    # END SOLUTION


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
    # BEGIN SOLUTION
    Ci, Co, k, _ = w.shape
    if k % r:
        raise ValueError(f"a kernel of {k} x {k} does not fall into {r} x {r} phases")
    m = k // r
    w = w.reshape(Ci, Co, m, r, m, r)  # (Ci, Co, y, i, x, j): the tap y, x of the phase i, j
    w = w.flip(2, 4).permute(1, 3, 5, 0, 2, 4)  # (Co, i, j, Ci, y, x); what is printed forwards is read backwards
    return w.reshape(Co * r**2, Ci, m, m), m - 1
    # END SOLUTION
