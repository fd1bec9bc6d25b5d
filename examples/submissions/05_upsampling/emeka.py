# Emeka - homework 5
import math
import torch
import torch.nn as nn


def hw(v):
    return v if isinstance(v, (tuple, list)) else (v, v)


def nearest_upsample(x, size=None, scale_factor=None, *, exact=False):
    if x.ndim != 4 or (size is None) == (scale_factor is None):
        raise ValueError
    H, W = x.shape[2:]
    if size is None:
        sh, sw = hw(scale_factor)
        oh, ow = math.floor(H * sh), math.floor(W * sw)
    else:
        oh, ow = hw(size)
    if oh < 1 or ow < 1:
        raise ValueError
    if size is not None:
        sh, sw = oh / H, ow / W
    r = [min(round(i / sh), H - 1) for i in range(oh)]
    c = [min(round(i / sw), W - 1) for i in range(ow)]
    if exact:
        r = [min(int((i + 0.5) / sh), H - 1) for i in range(oh)]
        c = [min(int((i + 0.5) / sw), W - 1) for i in range(ow)]
    return x[:, :, r][:, :, :, c]


def bilinear_upsample(x, size=None, scale_factor=None, *, align_corners=False):
    if x.ndim != 4 or (size is None) == (scale_factor is None):
        raise ValueError
    H, W = x.shape[2:]
    if size is None:
        sh, sw = hw(scale_factor)
        oh, ow = math.floor(H * sh), math.floor(W * sw)
    else:
        oh, ow = hw(size)
    if oh < 1 or ow < 1:
        raise ValueError
    if size is not None:
        sh, sw = oh / H, ow / W
    # source positions
    if align_corners:
        y = torch.arange(oh) * ((H - 1) / (oh - 1))
        z = torch.arange(ow) * ((W - 1) / (ow - 1))
    else:
        y = torch.arange(oh) / sh
        z = torch.arange(ow) / sw
    y0, z0 = y.long(), z.long()
    y1, z1 = (y0 + 1).clamp(max=H - 1), (z0 + 1).clamp(max=W - 1)
    dy, dz = (y - y0)[:, None], z - z0
    a, b = x[:, :, y0][..., z0], x[:, :, y0][..., z1]
    c, d = x[:, :, y1][..., z0], x[:, :, y1][..., z1]
    return (1 - dy) * ((1 - dz) * a + dz * b) + dy * ((1 - dz) * c + dz * d)


def pixel_shuffle(x, r):
    # 4 * 4 = 16 channels -> a 4x bigger picture
    *b, c, h, w = x.shape
    if c % (r * r) != 0:
        raise ValueError("c")
    return x.reshape(*b, c // (r * r), h * r, w * r)


def pixel_unshuffle(x, r):
    *b, c, h, w = x.shape
    if h % r != 0 or w % r != 0:
        raise ValueError("h, w")
    return x.reshape(*b, c * r * r, h // r, w // r)


def max_pool2d_with_indices(x, k, s=None, p=0):
    if s is None:
        s = k
    x = nn.functional.pad(x, (p, p, p, p), value=-1e9)
    u = x.unfold(2, k, s).unfold(3, k, s)
    y, i = u.reshape(*u.shape[:4], k * k).max(-1)
    return y, i


def max_unpool2d(y, indices, output_size):
    N, C, h, w = y.shape
    out = torch.zeros(N, C, output_size[0] * output_size[1])
    for n in range(N):
        for c in range(C):
            for v, i in zip(y[n, c].flatten(), indices[n, c].flatten()):
                out[n, c, i] += v
    return out.reshape(N, C, *output_size)


def bed_of_nails(x, r):
    out = torch.zeros(x.shape[0], x.shape[1], x.shape[2] * r, x.shape[3] * r)
    out[:, :, ::r, ::r] = x
    return out


def conv_transpose2d(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    (sh, sw), (ph, pw), (oh, ow) = hw(stride), hw(padding), hw(output_padding)
    if x.shape[1] != w.shape[0] or oh >= sh or ow >= sw:
        raise ValueError
    N, Ci, H, W = x.shape
    Co, kh, kw = w.shape[1:]
    big = torch.zeros(N, Co, (H - 1) * sh + kh, (W - 1) * sw + kw, dtype=x.dtype)
    for i in range(H):
        for j in range(W):
            big[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += torch.einsum("nc,cokl->nokl", x[:, :, i, j], w)
    if bias is not None:
        big = big + bias[:, None, None]
    out = big[:, :, ph : big.shape[2] - ph, pw : big.shape[3] - pw]
    if out.numel() == 0:
        raise ValueError
    return nn.functional.pad(out, (0, ow, 0, oh))


def bilinear_kernel(channels, r):
    k = 2 * r - r % 2
    t = 1 - (torch.arange(k) - (k - 1) / 2).abs() / r
    return torch.outer(t, t).repeat(channels, channels, 1, 1), k, (k - r) // 2
