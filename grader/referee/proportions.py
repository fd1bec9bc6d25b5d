"""Answers that are off by a factor, or by an amount, that is the same everywhere or along some axes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import torch

from grader.referee.pair import Pair

MOST_AXES = 4
ENOUGH = 3  # values in all, and two on average, that share what is fitted: one alone fits any

Said = dict[str, Any]


def proportion(pair: Pair) -> Said | None:
    """Return what to say of an answer that is a multiple of what is expected."""
    for along in _axes(pair):
        factor = (pair.a * pair.e.conj()).sum(along, keepdim=True) / (pair.e.abs() ** 2).sum(along, keepdim=True)
        factor = factor.nan_to_num(0.0)
        if _tells(pair, along, pair.e != 0) and pair.alike(pair.a, factor * pair.e):
            return _along(pair, along, "factor") or _size(factor, bool(factor.abs().mean() > 1))
    return None


def amount(pair: Pair) -> Said | None:
    """Return what to say of an answer from which some amount has to be taken."""
    for along in _axes(pair):
        offset = (pair.a - pair.e).mean(along, keepdim=True)
        if _tells(pair, along, torch.ones_like(pair.wrong)) and pair.alike(pair.a, pair.e + offset):
            sign = "" if offset.is_complex() else "_large" if bool(offset.mean() > 0) else "_small"
            return _along(pair, along, "offset") or {"key": f"offset{sign}"}
    return None


def _axes(pair: Pair) -> Iterator[tuple[int, ...]]:
    """Yield the axes along which something may be the same: all of them first."""
    axes = [axis for axis, size in enumerate(pair.e.shape) if size > 1]
    fewest = 1 if len(axes) <= MOST_AXES else len(axes)
    for n in range(len(axes), fewest - 1, -1):
        yield from combinations(axes, n)


def _tells(pair: Pair, along: tuple[int, ...], counted: torch.Tensor) -> bool:
    """Whether a fit would say more than any numbers would, and more than that one of the groups is wrong."""
    wrong = pair.wrong.sum(along) > 0
    return int(counted.sum()) >= max(ENOUGH, 2 * wrong.numel()) and int(wrong.sum()) >= min(2, wrong.numel())


def _along(pair: Pair, along: tuple[int, ...], what: str) -> Said | None:
    """Name the axis along which it changes, or does not, where it is not the same everywhere."""
    changes = [axis for axis, size in enumerate(pair.e.shape) if size > 1 and axis not in along]
    if not changes:
        return None
    alone = len(changes) == 1
    return {"key": f"{what}_changes" if alone else f"{what}_along", "axis": changes[0] if alone else along[-1]}


def _size(factor: torch.Tensor, large: bool) -> Said:
    if factor.is_complex():
        return {"key": "factor"}
    if bool((factor < 0).all()):
        return {"key": "factor_negative"}
    return {"key": "factor_large" if large else "factor_small"}
