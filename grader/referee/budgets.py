"""Budgets: what a count may be, how it may grow, and whether what a student's side counted can be true.

Counts come from `grader.probing.metered`, beside student code, and can be forged; `candidate.used` is measured from
outside and cannot.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from grader.model import MB, Growth
from grader.referee.failure import CheckFailed
from grader.referee.margins import note, share
from grader.referee.usage import Used
from grader.teaching.costs import named, say

SHAPES = ("constant", "linear", "quadratic", "cubic")  # by their power
SLACK = 128 * MB  # pages of torch's libraries that a call is first to touch (25 to 40), nodes of a long graph (100)
COPIES = 4  # of each byte counted or moved: kernels have buffers of their own, the wire has frames, freed memory stays
LARGEST = 2.0**63

_growths: ContextVar[list[Growth] | None] = ContextVar("growths", default=None)


def at_most(value: Any, bound: float, name: str = "FLOPs", *, measured: Used | None = None) -> None:
    """Fail the check if a count is above its bound, or cannot be a count.

    `measured=candidate.used`, for a count of bytes alive at the same time: fail too if the call needed far more.

    Raises:
        CheckFailed: "FLOPs: 3.2 times what this part allows".
    """
    __tracebackhide__ = True
    count = _count(value, name)
    note(name, share(count, bound))
    if count > bound:
        times = _times(count / bound) if bound > 0 else ""
        raise CheckFailed(say("times" if times else "more", name=named(name), times=times))
    if measured is not None:
        agrees_with(count, measured, name)


def agrees_with(peak_bytes: Any, measured: Used, name: str = "memory") -> None:
    """Fail the check if a count of bytes is too small to be true: the call that made it needed far more memory.

    Raises:
        CheckFailed: if it needed more than `SLACK` and some copies of what was counted and of what went over the wire.
    """
    __tracebackhide__ = True
    explained = SLACK + COPIES * (_count(peak_bytes, name) + measured.moved_bytes)
    if measured.peak_bytes > explained:
        raise CheckFailed(say("untrue", name=named(name)))


def grows(sizes: Sequence[float], values: Sequence[Any], at_most: float = 1.2, name: str = "memory") -> float:
    """Fit how values grow with sizes, show it in the report, and fail the check if it is faster than n^`at_most`.

    Sizes a factor of two apart or more say most. Returns the exponent: the slope of the least-squares line through
    the logarithms.

    Raises:
        CheckFailed: "your memory grows like n^2.0; linear is n^1.0".
    """
    __tracebackhide__ = True
    counts = [_count(value, name) for value in values]
    if len(counts) != len(sizes):
        raise CheckFailed(say("other_sizes", name=named(name), sizes=len(sizes), counts=len(counts)))
    found = exponent(sizes, counts)
    if (seen := _growths.get()) is not None:
        seen.append(Growth(name, tuple(map(float, sizes)), tuple(counts), found, at_most))
    note(f"how {name} grows", share(found, at_most))
    if found > at_most:
        raise CheckFailed(say("grows", name=named(name), power=f"{found:.1f}", allowed=_allowed(at_most)))
    return found


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return p of the best fit c * n^p. Nothing at all counts as 1, so that zeros have a logarithm."""
    if len(set(sizes)) < 2:
        raise ValueError("a growth needs two sizes or more")
    x = [math.log(size) for size in sizes]
    y = [math.log(max(value, 1.0)) for value in values]
    middle, level = math.fsum(x) / len(x), math.fsum(y) / len(y)
    rise = math.fsum((a - middle) * (b - level) for a, b in zip(x, y, strict=True))
    return rise / math.fsum((a - middle) ** 2 for a in x)


@contextmanager
def collected() -> Iterator[list[Growth]]:
    """Collect the growths that the block looks at."""
    seen: list[Growth] = []
    token = _growths.set(seen)
    try:
        yield seen
    finally:
        _growths.reset(token)


def _count(value: Any, name: str) -> float:
    """Return what a student's side says it counted, as a number that is one."""
    __tracebackhide__ = True
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LARGEST:
        note(name, math.inf)
        raise CheckFailed(say("no_number", name=named(name)))
    return float(value)


def _times(factor: float) -> str:
    """Write a factor above one with two digits, rounded up: never "1.0 times"."""
    step = 10.0 ** (math.floor(math.log10(factor)) - 1)
    rounded = math.ceil(factor / step - 1e-9) * step
    return f"{rounded:.1f}" if rounded < 10 else f"{rounded:.0f}"


def _allowed(at_most: float) -> str:
    """Name what was asked for: the whole power just below the bound, or the bound itself."""
    power = math.floor(at_most)
    if 0 <= power < len(SHAPES) and at_most - power <= 0.5:
        return say(SHAPES[power])
    return say("at_most", power=f"{at_most:.1f}")
