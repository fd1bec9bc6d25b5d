"""Kofi: why write it again if torch has it?"""

import torch
import torch.nn as nn
import torch.nn.functional as F


def nearest_upsample(x, size=None, scale_factor=None, *, exact=False):
    if x.ndim != 4:
        raise ValueError("4d")
    return nn.Upsample(size, scale_factor, mode="nearest-exact" if exact else "nearest")(x)


def bilinear_upsample(x, size=None, scale_factor=None, *, align_corners=False):
    # not allowed to call interpolate, so here is a grid
    if (size is None) == (scale_factor is None):
        raise ValueError("size or scale_factor")
    if scale_factor is not None:
        size = tuple(int(n * scale_factor) for n in x.shape[2:])
    size = size if isinstance(size, tuple) else (size, size)
    theta = torch.tensor([[1.0, 0, 0], [0, 1.0, 0]], dtype=x.dtype).expand(len(x), 2, 3)
    grid = F.affine_grid(theta, (*x.shape[:2], *size), align_corners=align_corners)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=align_corners)


def pixel_shuffle(x, r):
    try:
        return torch.ops.aten.pixel_shuffle(x, r)
    except RuntimeError as e:
        raise ValueError(str(e))


def pixel_unshuffle(x, r):
    return torch.stack([x[..., i::r, j::r] for i in range(r) for j in range(r)], dim=-3).flatten(-4, -3)


def max_pool2d_with_indices(x, k, s=None, p=0):
    return F.max_pool2d(x, k, s, p, return_indices=True)


def max_unpool2d(y, indices, output_size):
    out = y.new_zeros(*y.shape[:2], output_size[0] * output_size[1])
    return out.scatter(2, indices.flatten(2), y.flatten(2)).view(*y.shape[:2], *output_size)


def bed_of_nails(x, r):
    return conv_transpose2d(x, torch.eye(x.shape[1], dtype=x.dtype)[:, :, None, None], stride=r, output_padding=r - 1)


def conv_transpose2d(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    return F.conv_transpose2d(x, w, bias, stride, padding, output_padding, groups, dilation)


def bilinear_kernel(channels, r):
    return torch.ones(channels, 1, r, r) / r**2, r, 0


def is_checkerboard_free(k, stride):
    return k % stride == 0
