"""What kind of difference there is between two tensors of one shape: the most telling pattern that they fit.

Each pattern is rare among wrong answers that were not made so, and says something about the mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from grader.referee.arrangements import arrangement
from grader.referee.pair import Pair
from grader.referee.places import places
from grader.referee.proportions import amount, proportion
from grader.referee.tolerances import Tolerance
from grader.teaching.differences import say

MOST_VALUES = 2**18  # beyond which patterns take too long to look for: of so many they take half a second
NEARLY = 1e-3
TINY = 1e-12
SOME = 10  # times what is alike, or a step of a dtype: what is still near
ENOUGH = 3  # values for a function of them not to be chance

Said = dict[str, Any]

COARSER = {
    torch.float64: (torch.bfloat16, torch.float16, torch.float32),
    torch.float32: (torch.bfloat16, torch.float16),
}
FUNCTIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "square": torch.square,
    "root": torch.sqrt,
    "reciprocal": torch.reciprocal,
    "logarithm": torch.log,
    "exponential": torch.exp,
}


def sentence(actual: torch.Tensor, expected: torch.Tensor, allowed: Tolerance, name: str) -> str:
    """Say how two tensors of one shape, dtype and device differ."""
    pair = Pair(actual, expected, allowed)
    looked_for = (look(pair) for look in PATTERNS if pair.finite and pair.e.numel() <= MOST_VALUES)
    said = _no_numbers(pair) or next((found for found in looked_for if found), None) or _some(pair)
    return say(**said, name=name)


def _no_numbers(pair: Pair) -> Said | None:
    """NaN or infinity where numbers are expected."""
    bad = ~torch.isfinite(pair.a) & torch.isfinite(pair.e)
    if not bool(bad.any()):
        return None
    nan = torch.isnan(pair.a)[bad]
    key = "nan" if bool(nan.all()) else "not_finite" if bool(nan.any()) else "infinite"
    return {"key": key, **places(bad)}


def _precision(pair: Pair) -> Said | None:
    """Right values that have lost their last digits."""
    lower = (dtype for dtype in COARSER.get(pair.dtype, ()) if _is_rounded(pair, dtype))
    if dtype := next(lower, None):
        return {"key": "precision", "dtype": str(dtype).removeprefix("torch.")}
    if not pair.alike(pair.a, pair.e, times=SOME):
        return None
    nearly = torch.allclose(pair.a, pair.e, rtol=NEARLY, atol=TINY)
    return {"key": "nearly" if nearly else "roughly", **places(pair.wrong)}


def _is_rounded(pair: Pair, dtype: torch.dtype) -> bool:
    """Whether the answer is near, and all numbers of a coarser dtype, of which not all expected ones are."""
    few = pair.e.numel() < ENOUGH  # which may be round by chance
    near = pair.alike(pair.a, pair.e, times=max(SOME, SOME * torch.finfo(dtype).eps / pair.rtol))
    return (
        near
        and _are(pair.a, dtype)
        and not _are(pair.e, dtype)
        and not (few and (dtype is not torch.float32 or _are(pair.a, torch.float16)))
    )


def _are(values: torch.Tensor, dtype: torch.dtype) -> bool:
    return torch.equal(values.to(dtype).to(values.dtype), values)


def _sign(pair: Pair) -> Said | None:
    if pair.dtype is torch.bool:
        return {"key": "negation"} if bool(pair.wrong.all()) and not pair.is_number else None
    if pair.alike(pair.a, -pair.e):
        return {"key": "opposite"}
    return {"key": "conjugate"} if pair.a.is_complex() and pair.alike(pair.a, pair.e.conj()) else None


def _constant(pair: Pair) -> Said | None:
    """One value in all places."""
    if not bool((pair.a == pair.a.reshape(-1)[0]).all()):
        return None
    zero, flat = bool((pair.a == 0).all()) and pair.dtype is not torch.bool, pair.e.reshape(-1)
    if pair.is_number:
        return {"key": "zero"} if zero else None
    if zero:
        return {"key": "zeros"}
    return {"key": "another_constant" if pair.alike(flat, flat[0].expand_as(flat)) else "constant"}


def _partly(pair: Pair) -> Said | None:
    """Values that are right, but for those that are turned round or left at 0."""
    a, e = pair.a[pair.wrong], pair.e[pair.wrong]
    if pair.dtype is torch.bool or pair.is_number:
        return None
    key = "signs" if pair.alike(a, -e) else "some_zeros" if bool((a == 0).all()) else None
    return {"key": key, **places(pair.wrong)} if key else None


def _proportions(pair: Pair) -> Said | None:
    return None if pair.dtype is torch.bool else proportion(pair) or amount(pair)


def _function(pair: Pair) -> Said | None:
    """A function of each value: a variance for a deviation, a probability for its logarithm."""
    if not pair.dtype.is_floating_point or pair.e.numel() < ENOUGH:
        return None
    return next(({"key": key} for key, f in FUNCTIONS.items() if _is(pair, f(pair.e))), None)


def _is(pair: Pair, other: torch.Tensor) -> bool:
    return bool(torch.isfinite(other).all()) and pair.alike(pair.a, other)


PATTERNS = (_precision, _sign, _constant, arrangement, _partly, _proportions, _function)


# ---- some of the values ----------------------------------------------------------------------------------------------


def _some(pair: Pair) -> Said:
    """What the wrong values have in common, and where they are."""
    key = next(_in_common(pair.a[pair.wrong], pair.e[pair.wrong], pair), "differs")
    if key in ("larger", "smaller") and not pair.is_number:
        return {"key": f"{key}_everywhere"}
    return {"key": key, **places(pair.wrong)}


def _in_common(a: torch.Tensor, e: torch.Tensor, pair: Pair) -> Iterator[str]:
    """Yield what is true of all wrong values."""
    if pair.dtype is torch.bool or a.is_complex() or not bool(torch.isfinite(a).all() and torch.isfinite(e).all()):
        return
    if not pair.dtype.is_floating_point:
        yield from (key for key, by in (("one_more", 1), ("one_less", -1)) if bool((a - e == by).all()))
    if ENOUGH <= len(a) < pair.e.numel():
        yield from (["some_factor"] if pair.alike(a, e * (a / e).mean()) else [])
        yield from (["some_offset"] if pair.alike(a, e + (a - e).mean()) else [])
    if bool(pair.wrong.all()):
        yield from (key for key, by in (("larger", a - e), ("smaller", e - a)) if bool((by > 0).all()))
