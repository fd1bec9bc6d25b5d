"""Dmitri. The grids are in grids.py, so that parts 1 and 2 share them."""

import torch
import torch.nn.functional as F
from grids import lines, sizes


def nearest_upsample(x, size=None, scale_factor=None, *, exact=False):
    out, steps = sizes(x, size, scale_factor)
    half = 0.5 if exact else 0.0
    rows, cols = (
        ((torch.arange(m, dtype=torch.float64) + half) * step + 1e-9).long().clamp(max=n - 1)
        for m, step, n in zip(out, steps, x.shape[2:])
    )
    return x[:, :, rows[:, None], cols]


def bilinear_upsample(x, size=None, scale_factor=None, *, align_corners=False):
    out, steps = sizes(x, size, scale_factor)
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    (t, b, u), (l, r, v) = (lines(n, m, s, align_corners) for n, m, s in zip(x.shape[2:], out, steps))
    u, v = u[:, None].to(wide.dtype), v.to(wide.dtype)
    top = wide[:, :, t][..., l] * (1 - v) + wide[:, :, t][..., r] * v
    bottom = wide[:, :, b][..., l] * (1 - v) + wide[:, :, b][..., r] * v
    return (top * (1 - u) + bottom * u).to(x.dtype)


def pixel_shuffle(x, r):
    *lead, c, h, w = x.shape
    if c % r**2:
        raise ValueError(f"{c} channels")
    # row of the block, column of the block, channel: like the pixels of an image
    y = x.reshape(*lead, r, r, c // r**2, h, w)
    return y.movedim((-3, -2, -5, -1, -4), (-5, -4, -3, -2, -1)).reshape(*lead, c // r**2, h * r, w * r)


def pixel_unshuffle(x, r):
    *lead, c, h, w = x.shape
    if h % r or w % r:
        raise ValueError(f"{h} x {w}")
    return torch.stack([x[..., i::r, j::r] for i in range(r) for j in range(r)], -3).flatten(-4, -3)


def max_pool2d_with_indices(x, k, s=None, p=0):
    s = s or k
    N, C, H, W = x.shape
    # F.unfold pads with zeros, which is never the largest... or is it
    cols = F.unfold(x, k, padding=p, stride=s).view(N, C, k * k, -1)
    y, best = cols.max(2)
    h, w = (H + 2 * p - k) // s + 1, (W + 2 * p - k) // s + 1
    y, best = y.view(N, C, h, w), best.view(N, C, h, w)
    rows = torch.arange(h)[:, None] * s - p + best // k
    cols = torch.arange(w) * s - p + best % k
    return y, rows * W + cols


def max_unpool2d(y, indices, output_size):
    H, W = output_size
    if indices.shape != y.shape or indices.min() < 0 or indices.max() >= H * W:
        raise ValueError("indices")
    out = torch.zeros(*y.shape[:2], H * W, dtype=y.dtype, device=y.device)
    return out.scatter(2, indices.flatten(2), y.flatten(2)).view(*y.shape[:2], H, W)


def bed_of_nails(x, r):
    out = torch.zeros(*x.shape[:2], x.shape[2] * r, x.shape[3] * r, dtype=x.dtype, device=x.device)
    out[:, :, ::r, ::r] = x
    return out


def two(v):
    return v if isinstance(v, tuple) else (v, v)


def conv_transpose2d(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    # zeros between the pixels, then a convolution with the kernel turned round
    s, p, o = two(stride), two(padding), two(output_padding)
    if x.shape[1] != w.shape[0]:
        raise ValueError("channels")
    if o[0] >= s[0] or o[1] >= s[1]:
        raise ValueError("output_padding")
    kh, kw = w.shape[2:]
    H, W = (x.shape[2] - 1) * s[0] + 1, (x.shape[3] - 1) * s[1] + 1
    if H + kh - 1 - 2 * p[0] + o[0] < 1 or W + kw - 1 - 2 * p[1] + o[1] < 1:
        raise ValueError("nothing left")
    z = x.new_zeros(*x.shape[:2], H, W)
    z[:, :, :: s[0], :: s[1]] = x
    z = F.pad(z, (kw - 1 - p[1], kw - 1 - p[1] + o[1], kh - 1 - p[0], kh - 1 - p[0] + o[0]))
    return F.conv2d(z, w.flip(2, 3).transpose(0, 1), bias)


def bilinear_kernel(channels, r):
    k = 2 * r - r % 2
    i = torch.arange(k, dtype=torch.float32)
    tent = 1 - (i - (k - 1) / 2).abs() / r
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = torch.outer(tent, tent)
    return w, k, (k - r) // 2
