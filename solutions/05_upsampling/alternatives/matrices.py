"""Everything is a product of matrices: interpolation, pooling's way back, and the transposed convolution itself."""

import torch
from torch import nn

F = nn.functional


def two(x):
    """Height and width."""
    return (x, x) if isinstance(x, (int, float)) else tuple(x)


def out_sizes(x, size, scale_factor):
    """The sizes that come out, and by how much each axis is enlarged."""
    if x.dim() != 4:
        raise ValueError("expected N, C, H, W")
    if size is not None and scale_factor is not None:
        raise ValueError("size and scale_factor")
    if size is None and scale_factor is None:
        raise ValueError("no size and no scale_factor")
    high, wide = x.shape[-2:]
    if size is not None:
        h, w = two(size)
        scales = h / high, w / wide
    else:
        scales = two(scale_factor)
        h, w = int(high * scales[0] // 1), int(wide * scales[1] // 1)
    if h <= 0 or w <= 0:
        raise ValueError("empty output")
    return (h, w), scales


def nearest_upsample(x, size=None, scale_factor=None, *, exact=False):
    """Gather rows and columns at once."""
    sizes, scales = out_sizes(x, size, scale_factor)
    half = 0.5 if exact else 0.0
    rows, columns = (
        torch.clamp(torch.floor((torch.arange(n, dtype=torch.float64) + half) / s + 1e-9), max=limit - 1).long()
        for n, s, limit in zip(sizes, scales, x.shape[2:], strict=True)
    )
    return x[:, :, rows[:, None], columns[None, :]]


def weights(n, out, scale, corners, like):
    """An out x n matrix, whose rows say what each output pixel is made of."""
    i = torch.arange(out, dtype=torch.float64, device=like.device)
    place = torch.linspace(0, n - 1, out, dtype=torch.float64) if corners else ((i + 0.5) / scale - 0.5).clamp(0, n - 1)
    distance = (place.to(like.device)[:, None] - torch.arange(n, device=like.device)).abs()
    return (1 - distance).clamp(min=0).to(like.dtype)  # a tent over each input pixel


def bilinear_upsample(x, size=None, scale_factor=None, *, align_corners=False):
    """Multiply by a matrix from the left and by another from the right."""
    sizes, scales = out_sizes(x, size, scale_factor)
    wide = x if x.dtype == torch.float64 else x.float()
    A, B = (
        weights(n, out, s, align_corners, wide) for n, out, s in zip(x.shape[2:], sizes, scales, strict=True)
    )  # (H', H), (W', W)
    return (A @ wide @ B.T).to(x.dtype)


def pixel_shuffle(x, r):
    """Give each phase its place in an empty image."""
    if x.shape[-3] % (r * r) != 0:
        raise ValueError("channels")
    out = x.new_empty(*x.shape[:-3], x.shape[-3] // (r * r), x.shape[-2] * r, x.shape[-1] * r)
    for phase in range(r * r):
        out[..., phase // r :: r, phase % r :: r] = x[..., phase :: r * r, :, :]
    return out


def pixel_unshuffle(x, r):
    """Take the phases one by one and let them stand beside each other."""
    if x.shape[-1] % r != 0 or x.shape[-2] % r != 0:
        raise ValueError("size")
    phases = [x[..., i::r, j::r] for i in range(r) for j in range(r)]
    return torch.stack(phases, -3).flatten(-4, -3)  # (..., C, r r, H, W)


def max_pool2d_with_indices(x, k, s=None, p=0):
    """Unfold the numbers of the pixels beside the pixels."""
    s = s if s else k
    N, C, H, W = x.shape
    numbers = torch.arange(H * W, device=x.device).view(H, W)
    around = (p, p, p, p)
    patches = F.pad(x, around, value=float("-inf")).unfold(-2, k, s).unfold(-2, k, s)
    where = F.pad(numbers, around, value=-1).unfold(-2, k, s).unfold(-2, k, s).flatten(-2)  # (h, w, k k)
    y, best = patches.flatten(-2).max(-1)
    return y, where.expand(N, C, *where.shape).gather(-1, best.unsqueeze(-1)).squeeze(-1)


def max_unpool2d(y, indices, output_size):
    """Write into a flat image."""
    H, W = output_size
    if tuple(indices.shape) != tuple(y.shape) or int(indices.min()) < 0 or int(indices.max()) >= H * W:
        raise ValueError("indices")
    N, C, h, w = y.shape
    flat = torch.zeros(N * C, H * W, dtype=y.dtype, device=y.device)
    rows = torch.arange(N * C, device=y.device)[:, None]
    flat[rows, indices.reshape(N * C, h * w)] = y.reshape(N * C, h * w)
    return flat.reshape(N, C, H, W)


def bed_of_nails(x, r):
    """Pad each pixel to a block."""
    N, C, H, W = x.shape
    return F.pad(x[..., :, None, :, None], (0, r - 1, 0, 0, 0, r - 1)).reshape(N, C, H * r, W * r)


def conv_transpose2d(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """One product for each tap, added where the tap prints."""
    (sh, sw), (ph, pw), (oh, ow), (dh, dw) = map(two, (stride, padding, output_padding, dilation))
    N, Ci, H, W = x.shape
    kh, kw = w.shape[2:]
    if Ci != w.shape[0] or Ci % groups or oh >= max(sh, dh) or ow >= max(sw, dw):
        raise ValueError("conv_transpose2d")
    high, wide = (H - 1) * sh + dh * (kh - 1) + 1 + oh, (W - 1) * sw + dw * (kw - 1) + 1 + ow
    if high - 2 * ph < 1 or wide - 2 * pw < 1:
        raise ValueError("empty output")
    pixels = x.reshape(N, groups, Ci // groups, H * W)
    taps = w.reshape(groups, Ci // groups, -1, kh, kw)
    out = x.new_zeros(N, groups * taps.shape[2], high, wide)
    for i in range(kh):
        for j in range(kw):
            prints = torch.matmul(taps[..., i, j].transpose(1, 2), pixels).reshape(N, -1, H, W)
            rows = slice(i * dh, i * dh + (H - 1) * sh + 1, sh)
            out[:, :, rows, j * dw : j * dw + (W - 1) * sw + 1 : sw] += prints
    out = out[:, :, ph : high - ph, pw : wide - pw]
    return out if bias is None else out + bias[:, None, None]


def bilinear_kernel(channels, r):
    """A box of r convolved with a box of r, or with its neighbour for even r."""
    tent = torch.tensor([min(i, j) for i, j in zip(range(1, 2 * r), range(2 * r - 1, 0, -1), strict=True)]) / r
    if r % 2 == 0:  # the middle lies between two taps
        tent = (F.pad(tent, (1, 0)) + F.pad(tent, (0, 1))) / 2
    w = torch.zeros(channels, channels, len(tent), len(tent))
    for c in range(channels):
        w[c, c] = tent[:, None] * tent
    return w, len(tent), (len(tent) - r) // 2


def icnr_(weight, r, *, generator=None, base_init=nn.init.kaiming_normal_):
    """Write the same kernel r * r times."""
    many = weight.shape[0]
    if many % (r * r):
        raise ValueError("channels")
    base = torch.zeros(many // (r * r), *weight.shape[1:], dtype=weight.dtype, device=weight.device)
    base_init(base, generator=generator)
    for phase in range(r * r):
        weight.data[phase :: r * r] = base
    return weight


def overlap_count(n, k, stride, padding=0, output_padding=0):
    """Ask each output pixel which inputs reach it."""
    out = (n - 1) * stride - 2 * padding + k + output_padding
    reached = [sum(0 <= at + padding - i * stride < k for i in range(n)) for at in range(out)]
    return torch.tensor(reached, dtype=torch.int64)


def is_checkerboard_free(k, stride):
    """Count inside a long image."""
    inside = overlap_count(4 * k, k, stride)[k : k + stride]
    return bool((inside == inside[0]).all()) and int(inside[0]) > 0


def to_subpixel(w, r):
    """Pick the taps of each phase by striding."""
    size = w.shape[2]
    if size % r:
        raise ValueError("kernel")
    phases = [w[:, :, i::r, j::r].flip((-1, -2)) for i in range(r) for j in range(r)]  # (Ci, Co, m, m)
    return torch.stack(phases, 2).permute(1, 2, 0, 3, 4).flatten(0, 1), size // r - 1
