"""Right values in wrong places: axes swapped, an axis turned round, off by one step, in another order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import torch

from grader.referee.pair import Pair

FEW = 8  # values: of so few, two that repeat lie in another's places by chance

Said = dict[str, Any]


def arrangement(pair: Pair) -> Said | None:
    """Return what to say of values that are all there, or all but one step of them."""
    distinct = len(torch.unique(pair.e)) if not pair.e.is_complex() else pair.e.numel()
    if pair.e.numel() < 3 or distinct < 2 or (distinct == 2 and pair.e.numel() < FEW):
        return None
    return next(_found(pair, distinct), None)


def _found(pair: Pair, distinct: int) -> Iterator[Said]:
    yield from _swapped(pair)
    axes = [axis for axis, size in enumerate(pair.e.shape) if size > 1]
    yield from ({"key": "reversed", "axis": axis} for axis in axes if pair.alike(pair.a, pair.e.flip(axis)))
    for axis in axes:
        yield from _shifted(pair, axis)
    if distinct > 2 and not pair.e.is_complex():
        yield from ({"key": "order", "axis": axis} for axis in axes if _ordered(pair, axis))
        if pair.alike(pair.a.reshape(-1).sort().values, pair.e.reshape(-1).sort().values):
            yield {"key": "elsewhere"}


def _swapped(pair: Pair) -> Iterator[Said]:
    shape = pair.e.shape
    for one, other in combinations(range(len(shape)), 2):
        if shape[one] == shape[other] > 1 and pair.alike(pair.a, pair.e.transpose(one, other)):
            yield {"key": "transpose"} if len(shape) == 2 else {"key": "swapped", "one": one, "other": other}


def _shifted(pair: Pair, axis: int) -> Iterator[Said]:
    """Compare all but an end with all but the other; what is the same along the axis says nothing."""
    steps = pair.e.shape[axis] - 1
    for key, a, e in (("late", 1, 0), ("early", 0, 1)):
        there, here = pair.e.narrow(axis, e, steps), pair.a.narrow(axis, a, steps)
        if (
            steps > 1
            and pair.alike(here, there)
            and not pair.alike(there.narrow(axis, 1, steps - 1), there.narrow(axis, 0, steps - 1))
        ):
            yield {"key": key, "axis": axis}


def _ordered(pair: Pair, axis: int) -> bool:
    """Whether the entries along an axis are the same ones, each whole."""
    rows = [x.movedim(axis, 0).reshape(x.shape[axis], -1) for x in (pair.a, pair.e)]
    if len(rows[0]) < 3:
        return False
    along = torch.linspace(1, 2, rows[0].shape[1], dtype=torch.float64).sin()  # no two rows are alike along it
    a, e = (row[(row @ along).argsort()] for row in rows)
    return pair.alike(a, e)
