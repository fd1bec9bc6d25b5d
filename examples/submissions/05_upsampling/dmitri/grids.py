"""Where output pixels lie."""

import math

import torch


def sizes(x, size, scale_factor):
    if x.ndim != 4:
        raise ValueError("not N, C, H, W")
    if (size is None) == (scale_factor is None):
        raise ValueError("exactly one of size and scale_factor")
    pair = lambda v: v if isinstance(v, tuple) else (v, v)
    if size is not None:
        out = pair(size)
        steps = tuple(n / max(m, 1) for n, m in zip(x.shape[2:], out))
    else:
        scale = pair(scale_factor)
        out = tuple(math.floor(n * s) for n, s in zip(x.shape[2:], scale))
        steps = tuple(1 / s for s in scale)
    if min(out) < 1:
        raise ValueError("no pixels")
    return out, steps


def lines(n, out, step, align_corners):
    i = torch.arange(out, dtype=torch.float64)
    if align_corners:
        place = torch.linspace(0, n - 1, out, dtype=torch.float64)
    else:
        place = ((i + 0.5) * step - 0.5).clamp(min=0)
    low = place.long()
    return low, (low + 1).clamp(max=n - 1), place - low
