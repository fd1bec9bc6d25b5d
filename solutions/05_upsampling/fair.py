"""Sizes and scales for nearest neighbours at which every right way to round gives the same pixels.

torch works out floor(i * (n / out)) in float32. Of all n < 40 and out < 80 some pixel is another one than in exact
arithmetic for 11 pairs (26 to 22 is one), in mode "nearest-exact" for 44, and with float64 for 9. So no check asks for
these.
"""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import torch

SCALES = [0.6, 0.7, 1.3, 1.6, 1.9, 2.3, 2.7]
Formula = Callable[[float], float]  # from the place of an output pixel to that of an input pixel


def pixels(out: int, formula: Formula, offset: float = 0) -> list[int]:
    """The input pixel for each output pixel."""
    return [math.floor(formula(i + offset)) for i in range(out)]


def by_torch(n: int, *, size: int | None = None, scale: float | None = None, exact: bool = False) -> list[int]:
    """The same, as torch has it."""
    ramp = torch.arange(n, dtype=torch.float64).view(1, 1, n, 1)
    size, scale = size and (size, 1), scale and (scale, 1.0)
    mode = "nearest-exact" if exact else "nearest"
    return torch.nn.functional.interpolate(ramp, size, scale, mode).flatten().long().tolist()


def right_ways(n: int, out: int, scale: float | None) -> list[Formula]:
    """Formulas that are equal but for rounding."""
    if scale is not None:
        exactly = Fraction(str(scale))
        return [
            lambda i: i / scale,
            lambda i: i * (1 / scale),
            lambda i: np.float32(i) / np.float32(scale),
            lambda i: Fraction(i) / exactly,
        ]
    return [
        lambda i: i * n / out,
        lambda i: i * (n / out),
        lambda i: i / (out / n),
        lambda i: np.float32(i) / np.float32(out / n),
        lambda i: Fraction(i) * n / out,
    ]


def wrong_ways(n: int, out: int, scale: float | None) -> list[Formula]:
    """Formulas that shall give other pixels: rounded, corners on corners, and n / out where a scale was given."""
    step = n / out if scale is None else 1 / scale
    wrong = [lambda i: i * step + 0.5, lambda i: i * (n - 1) / max(out - 1, 1) + 0.5]
    return wrong if scale is None else [*wrong, lambda i: i * n / out]


def fair(n: int, out: int, scale: float | None = None) -> bool:
    """Whether all right ways give the pixels that torch gives, and every wrong one others."""
    if scale is not None and out != math.floor(n * Fraction(str(scale))):
        return False
    asked = {"size": out} if scale is None else {"scale": scale}
    at, centred = (by_torch(n, **asked, exact=exact) for exact in (False, True))
    agree = all(pixels(out, way) == at and pixels(out, way, 0.5) == centred for way in right_ways(n, out, scale))
    return agree and all(pixels(out, way) not in (at, centred) for way in wrong_ways(n, out, scale)) and at != centred


Number = Callable[[int, int], int]  # draws a whole number, from the first to the second


def enlarged(number: Number) -> tuple[int, int]:
    """Draw a number of pixels, and a larger one to make of it."""
    while True:
        n, out = number(3, 8), number(5, 20)
        if n < out and fair(n, out):
            return n, out


def reduced(number: Number) -> tuple[int, int]:
    """Draw a number of pixels, and a smaller one to make of it."""
    while True:
        n, out = number(8, 16), number(3, 12)
        if out < n and fair(n, out):
            return n, out


def scaled(number: Number) -> tuple[int, float]:
    """Draw a number of pixels, and a scale that makes half a pixel too much of it, and more."""
    while True:
        n, scale = number(4, 9), SCALES[number(0, len(SCALES) - 1)]
        if n * scale % 1 > 0.5 and fair(n, math.floor(n * scale), scale):
            return n, scale
