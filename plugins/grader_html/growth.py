"""How a count grew, as a small picture: logarithmic both ways, so that n^p is a line of slope p.

The template draws it: a plotting library's colours do not follow the page's, and its letters are outlines that no
screen reader reads.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from msgspec import Struct

from grader.model import CheckResult, Growth

WIDTH, HEIGHT = 300, 144  # of the whole, in CSS pixels
LEFT, RIGHT, TOP, BOTTOM = 44, 84, 24, 22  # beside the curve: counts, names of the lines, what it is of, sizes
APART = 15  # between two lines of text
MOST_TICKS = 5
PREFIXES = ("", "k", "M", "G", "T", "P", "E")


class Tick(Struct, frozen=True):
    """A number on an axis, and where."""

    at: float
    text: str


class Plot(Struct, frozen=True):
    """One picture: `points` is the student's curve, `allowed` the steepest line from its first point."""

    id: str
    growth: Growth
    kept: bool  # whether it grows as slowly as it must
    points: tuple[tuple[float, float], ...]
    allowed: tuple[tuple[float, float], tuple[float, float]]
    sizes: tuple[Tick, ...]
    counts: tuple[Tick, ...]
    own_label: float  # where the names of the two lines stand
    allowed_label: float

    @property
    def line(self) -> str:
        """The curve as SVG writes it."""
        return " ".join(f"{x:.0f},{y:.0f}" for x, y in self.points)

    @property
    def in_words(self) -> str:
        """The points, for those who do not see them."""
        numbers = zip(self.growth.sizes, self.growth.values, strict=True)
        return "; ".join(f"{whole(size)}: {rounded(value)}" for size, value in numbers)


def plots(check: CheckResult) -> tuple[Plot, ...]:
    """Return the pictures of a check's growths."""
    name = re.sub(r"\W+", "-", check.name)
    return tuple(plot(growth, f"growth-{name}-{number}") for number, growth in enumerate(check.growths, 1))


def plot(growth: Growth, name: str) -> Plot:
    """Lay one picture out. Coordinates are whole pixels: a student's own counts can say no more through it."""
    points = sorted((math.log(n), math.log(max(v, 1.0))) for n, v in zip(growth.sizes, growth.values, strict=True))
    (first, start), last = points[0], points[-1][0]
    most = start + growth.at_most * (last - first)
    low, high = min(start, most, *(y for _, y in points)), max(start, most, *(y for _, y in points))
    high = max(high, low + last - first)  # no scale on which a line looks steep

    def x(value: float) -> float:
        return round(LEFT + (value - first) / (last - first) * (WIDTH - LEFT - RIGHT))

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM))

    own, allowed = _apart(y(points[-1][1]), y(most))
    ends = {y(math.log(max(v, 1.0))): rounded(v) for v in (growth.values[0], growth.values[-1])}
    return Plot(
        id=name,
        growth=growth,
        kept=growth.exponent <= growth.at_most,
        points=tuple((x(a), y(b)) for a, b in points),
        allowed=((x(first), y(start)), (x(last), y(most))),
        sizes=_few([Tick(x(math.log(size)), whole(size)) for size in sorted(growth.sizes)]),
        counts=tuple(Tick(at, text) for at, text in ends.items()),
        own_label=own,
        allowed_label=allowed,
    )


def _few(ticks: Sequence[Tick]) -> tuple[Tick, ...]:
    return tuple(ticks) if len(ticks) <= MOST_TICKS else (ticks[0], ticks[len(ticks) // 2], ticks[-1])


def _apart(one: float, other: float) -> tuple[float, float]:
    """Move two labels apart, each to its own side, where they would overlap."""
    lacking = max(0.0, APART - abs(one - other))
    upper, lower = min(one, other) - lacking / 2, max(one, other) + lacking / 2
    below = max(0.0, lower - (HEIGHT - BOTTOM))  # where the sizes stand
    return (upper - below, lower - below) if one <= other else (lower - below, upper - below)


def rounded(value: float) -> str:
    """Write a count with two digits: 340, 65 k, 1.3 M."""
    if value < 1:
        return "0"
    digits = math.floor(math.log10(value))
    two = round(value / 10 ** (digits - 1)) * 10 ** (digits - 1)
    thousands = min(math.floor(math.log10(two)) // 3, len(PREFIXES) - 1)
    scaled = two / 1000**thousands
    return (
        f"{scaled:.2g} {PREFIXES[thousands]}".strip() if scaled < 100 else f"{scaled:.0f} {PREFIXES[thousands]}".strip()
    )


def whole(size: float) -> str:
    """Write a size as it was asked for."""
    return f"{size:.10g}"
