import math

import torch

# only got to part 3 this week, sorry


def nearest_upsample(x, size=None, scale_factor=None, *, exact=False):
    if x.dim() != 4:
        raise ValueError("need a 4d tensor")
    if (size is None) == (scale_factor is None):
        raise ValueError("size or scale_factor")
    if isinstance(size, int):
        size = (size, size)
    if scale_factor is not None:
        if not isinstance(scale_factor, tuple):
            scale_factor = (scale_factor, scale_factor)
        size = tuple(math.floor(n * s) for n, s in zip(x.shape[2:], scale_factor))
    if min(size) < 1:
        raise ValueError("empty")
    # step = how many input pixels for one output pixel
    step = [n / out for n, out in zip(x.shape[2:], size)]
    off = 0.5 if exact else 0
    rows = ((torch.arange(size[0]) + off) * step[0]).long()
    cols = ((torch.arange(size[1]) + off) * step[1]).long()
    return x[:, :, rows][:, :, :, cols]


def bilinear_upsample(x, size=None, scale_factor=None, *, align_corners=False):
    if x.dim() != 4 or (size is None) == (scale_factor is None):
        raise ValueError("bad arguments")
    if isinstance(size, int):
        size = (size, size)
    if scale_factor is not None:
        if not isinstance(scale_factor, tuple):
            scale_factor = (scale_factor, scale_factor)
        size = tuple(math.floor(n * s) for n, s in zip(x.shape[2:], scale_factor))
    if min(size) < 1:
        raise ValueError("empty")
    dtype = x.dtype
    x = x if dtype == torch.float64 else x.float()
    for dim in (2, 3):
        n, out = x.shape[dim], size[dim - 2]
        i = torch.arange(out, dtype=torch.float64)
        src = i * (n - 1) / max(out - 1, 1) if align_corners else ((i + 0.5) * (n / out) - 0.5).clamp(min=0)
        lo = src.long()
        hi = (lo + 1).clamp(max=n - 1)
        t = (src - lo).to(x.dtype)
        t = t[:, None] if dim == 2 else t
        x = x.index_select(dim, lo) * (1 - t) + x.index_select(dim, hi) * t
    return x.to(dtype)


def pixel_shuffle(x, r):
    *b, c, h, w = x.shape
    if c % (r * r):
        raise ValueError("channels")
    x = x.reshape(*b, c // r**2, r, r, h, w)
    n = len(b)
    return x.permute(*range(n), n, n + 3, n + 1, n + 4, n + 2).reshape(*b, c // r**2, h * r, w * r)


def pixel_unshuffle(x, r):
    *b, c, h, w = x.shape
    if h % r or w % r:
        raise ValueError("pixels")
    x = x.reshape(*b, c, h // r, r, w // r, r)
    n = len(b)
    return x.permute(*range(n), n, n + 2, n + 4, n + 1, n + 3).reshape(*b, c * r**2, h // r, w // r)
