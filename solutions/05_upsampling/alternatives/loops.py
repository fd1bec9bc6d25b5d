"""As the definitions read: pixel by pixel where that is clear, and the small functions of torch where they fit."""

import math
from itertools import product

import torch
from torch.nn.functional import conv2d, pad
from torch.nn.init import kaiming_normal_


class Axis:
    """One axis of an image that is resized."""

    def __init__(self, n, size, scale):
        if (size is None) == (scale is None):
            raise ValueError("one of size and scale_factor")
        self.n, self.scale = n, scale
        self.out = size if scale is None else math.floor(n * scale)
        if self.out < 1:
            raise ValueError("no pixel")

    def at(self, i):
        """Where i output pixels end, in input pixels."""
        return i * self.n / self.out if self.scale is None else i / self.scale

    def nearest(self, exact):
        """An input pixel for each output pixel."""
        return [int(self.at(i + 0.5 * exact)) for i in range(self.out)]

    def linear(self, corners):
        """Two input pixels for each output pixel, and the share of the second."""
        found = []
        for i in range(self.out):
            place = max(0.0, self.at(i + 0.5) - 0.5)
            if corners:
                place = i * (self.n - 1) / (self.out - 1) if self.out > 1 else 0.0
            before = min(int(place), self.n - 1)
            found.append((before, min(before + 1, self.n - 1), place - before))
        return found


def of_image(x, size, scale_factor):
    """The two axes."""
    if x.ndim != 4:
        raise ValueError("not an image")
    sizes, scales = (each if isinstance(each, (tuple, list)) else (each, each) for each in (size, scale_factor))
    return [Axis(n, size, scale) for n, size, scale in zip(x.shape[2:], sizes, scales, strict=True)]


def nearest_upsample(x, size=None, scale_factor=None, *, exact=False):
    """Look two lists up."""
    rows, columns = (axis.nearest(exact) for axis in of_image(x, size, scale_factor))
    return x[:, :, rows][:, :, :, columns]


def bilinear_upsample(x, size=None, scale_factor=None, *, align_corners=False):
    """Rows first, and then the same with columns for rows."""
    high, wide = of_image(x, size, scale_factor)
    y = x if x.dtype is torch.float64 else x.to(torch.float32)
    for axis in (high, wide):
        before, after, share = zip(*axis.linear(align_corners), strict=True)
        share = torch.tensor(share, dtype=y.dtype, device=y.device)[:, None]
        y = y[:, :, list(before)] * (1 - share) + y[:, :, list(after)] * share
        y = y.transpose(2, 3)  # twice: back again
    return y.to(x.dtype)


def pixel_shuffle(x, r):
    """With einops this would be "... (c i j) h w -> ... c (h i) (w j)"."""
    if x.size(-3) % r**2:
        raise ValueError("channels")
    y = x.unflatten(-3, (-1, r, r))  # (..., c, i, j, h, w)
    y = y.transpose(-3, -2).transpose(-4, -3)  # (..., c, h, i, j, w)
    return y.transpose(-2, -1).flatten(-2).flatten(-3, -2)


def pixel_unshuffle(x, r):
    """The same steps backwards."""
    if x.size(-2) % r or x.size(-1) % r:
        raise ValueError("pixels")
    y = x.unflatten(-1, (-1, r)).unflatten(-3, (-1, r))  # (..., c, h, i, w, j)
    y = y.transpose(-2, -1).transpose(-4, -3)  # (..., c, i, h, j, w)
    return y.transpose(-3, -2).flatten(-5, -3)


def max_pool2d_with_indices(x, k, s=None, p=0):
    """Compare the k * k shifted images, one after another."""
    s = k if s is None else s
    N, C, H, W = x.shape
    h, w = ((n + 2 * p - k) // s + 1 for n in (H, W))
    bordered = pad(x, (p, p, p, p), value=-math.inf)
    y = torch.full((N, C, h, w), -math.inf, dtype=x.dtype, device=x.device)
    indices = torch.zeros(N, C, h, w, dtype=torch.int64, device=x.device)
    top, left = torch.arange(h, device=x.device)[:, None] * s - p, torch.arange(w, device=x.device) * s - p
    for i, j in product(range(k), repeat=2):
        shifted = bordered[:, :, i : i + s * (h - 1) + 1 : s, j : j + s * (w - 1) + 1 : s]
        larger = shifted > y
        y = torch.where(larger, shifted, y)
        indices = torch.where(larger, (top + i) * W + left + j, indices)
    return y, indices


def max_unpool2d(y, indices, output_size):
    """Put along the last axis."""
    many = output_size[0] * output_size[1]
    if y.shape != indices.shape or not bool(((indices >= 0) & (indices < many)).all()):
        raise ValueError("indices")
    image = torch.zeros_like(y[:, :, :1, :1]).expand(-1, -1, *output_size).clone()
    return image.flatten(2).scatter(-1, indices.flatten(2), y.flatten(2)).unflatten(2, tuple(output_size))


def bed_of_nails(x, r):
    """An outer product with one nail."""
    block = torch.zeros(r, r, dtype=x.dtype, device=x.device)
    block[0, 0] = 1
    return torch.kron(x.contiguous(), block)


def conv_transpose2d(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Each phase of the output is a convolution of its own, of the image as it is: no zeros are put in."""
    s, p, extra, d = (v if isinstance(v, tuple) else (v, v) for v in (stride, padding, output_padding, dilation))
    N, Ci, H, W = x.shape
    kh, kw = w.shape[2:]
    if w.shape[0] != Ci or Ci % groups:
        raise ValueError("channels")
    size = [(n - 1) * s[a] + d[a] * (w.shape[2 + a] - 1) + 1 + extra[a] for a, n in enumerate((H, W))]
    if any(extra[a] >= max(s[a], d[a]) or size[a] - 2 * p[a] < 1 for a in (0, 1)):
        raise ValueError("output")
    out = x.new_zeros(N, w.shape[1] * groups, *size)
    turned = w.unflatten(0, (groups, -1)).transpose(1, 2).flatten(0, 1)  # (Co, Ci/g, kh, kw)
    for i, j in product(range(kh), range(kw)):
        printed = conv2d(x, turned[:, :, i : i + 1, j : j + 1], groups=groups)
        out[:, :, i * d[0] :: s[0], j * d[1] :: s[1]][:, :, :H, :W] += printed
    out = out[:, :, p[0] : size[0] - p[0], p[1] : size[1] - p[1]]
    return out if bias is None else out + bias.reshape(1, -1, 1, 1)


def bilinear_kernel(channels, r):
    """As the authors of FCN wrote it."""
    size = 2 * r - r % 2
    factor = (size + 1) // 2
    centre = factor - 1 if size % 2 else factor - 0.5
    taps = [1 - abs(i - centre) / factor for i in range(size)]
    kernel = torch.tensor([[a * b for b in taps] for a in taps])
    w = torch.zeros(channels, channels, size, size)
    w[range(channels), range(channels)] = kernel
    return w, size, math.ceil((r - 1) / 2)


@torch.no_grad()
def icnr_(weight, r, *, generator=None, base_init=kaiming_normal_):
    """Fill one kernel, and look it up r * r times."""
    C, rest = divmod(len(weight), r * r)
    if rest:
        raise ValueError("channels")
    base = torch.empty_like(weight[:C], requires_grad=False)
    base_init(base, generator=generator)
    return weight.copy_(base[[c // (r * r) for c in range(len(weight))]])


def overlap_count(n, k, stride, padding=0, output_padding=0):
    """Print, and count."""
    count = torch.zeros((n - 1) * stride + k + output_padding, dtype=torch.int64)
    for i in range(n):
        count[i * stride : i * stride + k] += 1
    return count[padding : len(count) - padding]


def is_checkerboard_free(k, stride):
    """The taps fall evenly on the phases."""
    return divmod(k, stride)[1] == 0


def to_subpixel(w, r):
    """Tap by tap."""
    Ci, Co, k, _ = w.shape
    m, rest = divmod(k, r)
    if rest:
        raise ValueError("kernel")
    out = w.new_zeros(Co, r, r, Ci, m, m)
    for y, i, x, j in product(range(m), range(r), range(m), range(r)):
        out[:, i, j, :, m - 1 - y, m - 1 - x] = w[:, :, y * r + i, x * r + j].T
    return out.flatten(0, 2), m - 1
