"""How near a misconception comes to a student's answers, for an instructor who wants to know what nothing explains.

It is told of what the diagnosis sees anyway: a misconception is asked until its first answer that is another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from msgspec import Struct

from grader.teaching.phrases import speaker

NEARER = 0.1  # of the solution's distance, at most: what is nearly right is near to everything
NEAR = 0.5  # of the size of the student's answer, at most
MOST_NAMES = 3


class Nearness(Struct, frozen=True):
    """`alike` answers are the student's, from the first on; the next one is `off` by this share of the student's."""

    alike: int
    off: float = math.inf


def distance(one: Any, other: Any) -> float:
    """Return how far one tree of values is off from another, as a share of that; infinity if they do not compare."""
    numbers: list[torch.Tensor] = []
    others: list[torch.Tensor] = []
    try:
        if _structure(one, numbers) != _structure(other, others) or not others:
            return math.inf
    except (TypeError, ValueError, OverflowError):  # a number that torch does not have
        return math.inf
    known = torch.cat(others)
    off = float((torch.cat(numbers) - known).norm() / known.norm())
    return off if math.isfinite(off) else math.inf


def _structure(tree: Any, numbers: list[torch.Tensor]) -> Any:
    """Return what a tree is but for its numbers, which are added to `numbers`, a vector a leaf."""
    if isinstance(tree, Mapping):
        return {key: _structure(value, numbers) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_structure(value, numbers) for value in tree]
    if isinstance(tree, np.ndarray):
        tree = torch.from_numpy(tree)
    if isinstance(tree, torch.Tensor | float | int | complex):
        leaf = torch.as_tensor(tree)
        numbers.append((torch.view_as_real(leaf) if leaf.is_complex() else leaf).double().reshape(-1))
        return tuple(leaf.shape)
    return tree


def nearest(found: Mapping[str, Nearness], solution: Nearness, calls: int, language: str) -> str:
    """Name the misconceptions that answer all calls as the student does, else the one that comes nearest.

    Nothing is near that the solution is as near to, and nothing that is off by much.
    """
    say = speaker(language)
    if several := [name for name, near in found.items() if near.alike == calls]:
        return say("nearest_several", names=", ".join(several[:MOST_NAMES] + ["…"] * (len(several) > MOST_NAMES)))
    name, near = max(found.items(), key=lambda item: (item[1].alike, -item[1].off), default=("", Nearness(0)))
    if near.alike > solution.alike:
        return say("nearest_calls", name=name, n=near.alike, total=calls)
    if near.alike < solution.alike or near.off > min(NEAR, NEARER * solution.off):
        return ""
    key = "nearest_both" if near.alike else "nearest_off"
    shares = {"off": _percent(near.off), "solution": _percent(solution.off)}
    return say(key, name=name, n=near.alike, total=calls, **shares)


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:.2g} %" if percent < 10 else f"{percent:,.0f} %"
