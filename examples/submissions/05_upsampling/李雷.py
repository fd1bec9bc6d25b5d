"""第五次作业：上采样。加分题只做了分组和空洞。"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn



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
    if size is not None:
        steps = [(out, n, out) for n, out in zip(x.shape[2:], pair(size), strict=True)]
    else:
        steps = [(math.floor(n * s), 1, s) for n, s in zip(x.shape[2:], pair(scale_factor), strict=True)]
    if any(out < 1 for out, _, _ in steps):
        raise ValueError("no pixel would come out")
    return [(dim, *step) for dim, step in zip((2, 3), steps, strict=True)]




def nearest_upsample(
    x: Tensor,
    size: int | tuple[int, int] | None = None,
    scale_factor: float | tuple[float, float] | None = None,
    *,
    exact: bool = False,
) -> Tensor:
    """Give each output pixel the value of one input pixel."""
    for dim, out, a, b in axes(x, size, scale_factor):
        i = torch.arange(out, dtype=torch.float64, device=x.device)  # (out,)
        source = (i + 0.5 if exact else i) * a / b
        x = x.index_select(dim, source.long())  # first (N, C, H', W), then (N, C, H', W')
    return x




def bilinear_upsample(
    x: Tensor,
    size: int | tuple[int, int] | None = None,
    scale_factor: float | tuple[float, float] | None = None,
    *,
    align_corners: bool = False,
) -> Tensor:
    """Interpolate linearly along the height and along the width."""
    y = x.to(torch.promote_types(x.dtype, torch.float32))
    for dim, out, a, b in axes(x, size, scale_factor):
        n, i = x.shape[dim], torch.arange(out, dtype=torch.float64, device=x.device)  # (out,)
        place = i * (n - 1) / max(out - 1, 1) if align_corners else (i + 0.5) * a / b - 0.5
        before = place.long()
        after = (before + 1).clamp(max=n - 1)
        share = (place - before).to(y.dtype)  # (out,), of the pixel after
        share = share.view(-1, 1) if dim == 2 else share
        y = torch.lerp(y.index_select(dim, before), y.index_select(dim, after), share)  # (N, C, H', W), (N, C, H', W')
    return y.to(x.dtype)




def pixel_shuffle(x: Tensor, r: int) -> Tensor:
    """Make an image r times as high and wide out of r^2 times the channels."""
    *batch, channels, H, W = x.shape
    if channels % r**2:
        raise ValueError(f"{channels} channels are no multiple of {r**2}")
    x = x.reshape(*batch, channels // r**2, r, r, H, W)  # (..., C, i, j, H, W)
    x = x.movedim((-4, -3), (-3, -1))  # (..., C, H, i, W, j)
    return x.reshape(*batch, channels // r**2, H * r, W * r)


def pixel_unshuffle(x: Tensor, r: int) -> Tensor:
    """Undo `pixel_shuffle`."""
    *batch, C, height, width = x.shape
    if height % r or width % r:
        raise ValueError(f"{height} x {width} pixels do not fall into blocks of {r} x {r}")
    x = x.reshape(*batch, C, height // r, r, width // r, r)  # (..., C, H, i, W, j)
    x = x.movedim((-3, -1), (-4, -3))  # (..., C, i, j, H, W)
    return x.reshape(*batch, C * r**2, height // r, width // r)




def max_pool2d_with_indices(x: Tensor, k: int, s: int | None = None, p: int = 0) -> tuple[Tensor, Tensor]:
    """Return the largest pixel of each k x k window, and where it was."""
    s = k if s is None else s
    W = x.shape[3]
    padded = nn.functional.pad(x, (p, p, p, p), value=-torch.inf)  # (N, C, H + 2p, W + 2p)
    windows = padded.unfold(2, k, s).unfold(3, k, s).flatten(-2)  # (N, C, h, w, k k)
    y, best = windows.max(-1)  # (N, C, h, w)
    row = torch.arange(y.shape[2], device=x.device).view(-1, 1) * s - p + best // k
    column = torch.arange(y.shape[3], device=x.device) * s - p + best % k
    return y, row * W + column


def max_unpool2d(y: Tensor, indices: Tensor, output_size: tuple[int, int]) -> Tensor:
    """Put each value back to where its index says, into an image of zeros."""
    (N, C), (H, W) = y.shape[:2], output_size
    if y.shape != indices.shape:
        raise ValueError(f"{tuple(y.shape)} values and {tuple(indices.shape)} indices")
    if bool(((indices < 0) | (indices >= H * W)).any()):
        raise ValueError(f"an index lies outside of {H} x {W} pixels")
    out = y.new_zeros(N, C, H * W).scatter(2, indices.flatten(2), y.flatten(2))  # (N, C, H W)
    return out.view(N, C, H, W)


def bed_of_nails(x: Tensor, r: int) -> Tensor:
    """Put each pixel into the upper left corner of an r x r block of zeros."""
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, H * r, W * r)
    out[:, :, ::r, ::r] = x
    return out




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
    """Return the adjoint of the convolution that has the same w, stride, padding, groups and dilation."""
    (N, Ci, H, W), k = x.shape, tuple(w.shape[2:])
    s, p, extra, d = pair(stride), pair(padding), pair(output_padding), pair(dilation)
    if w.shape[0] != Ci or Ci % groups:
        raise ValueError(f"{Ci} channels, a kernel for {w.shape[0]} and {groups} groups do not fit")
    if any(extra[i] >= max(s[i], d[i]) for i in (0, 1)):
        raise ValueError(f"output_padding {extra} must be below stride {s} or dilation {d}")
    full = [(n - 1) * s[i] + d[i] * (k[i] - 1) + 1 for i, n in enumerate((H, W))]  # all that is printed on
    if any(full[i] - 2 * p[i] + extra[i] < 1 for i in (0, 1)):
        raise ValueError("no pixel would come out")
    w = w.flip(2, 3).reshape(groups, Ci // groups, -1)  # 卷积要翻转卷积核
    prints = w.mT @ x.reshape(N, groups, Ci // groups, H * W)  # (N, g, Co/g kh kw, H W)
    out = nn.functional.fold(prints.flatten(1, 2), full, k, dilation=d, stride=s)  # (N, Co, *full)
    out = nn.functional.pad(
        out, (-p[1], extra[1] - p[1], -p[0], extra[0] - p[0])
    )  # (N, Co, H', W'); below 0 it cuts off
    return out if bias is None else out + bias.view(-1, 1, 1)


def bilinear_kernel(channels: int, r: int) -> tuple[Tensor, int, int]:
    """Return the w, its size k and the padding with which a transposed convolution of stride r upsamples bilinearly."""
    k = 2 * r - r % 2
    tent = 1 - (torch.arange(k) - (k - 1) / 2).abs() / r  # (k,), 1 in the middle, down to 0 over r pixels
    w = torch.eye(channels)[:, :, None, None] * torch.outer(tent, tent)  # (channels, channels, k, k)
    return w, k, (k - r) // 2




