"""How many of the values of a tensor are concerned, and where they are: in numbers of two digits at most.

So what a sentence can carry is bounded, and none of its numbers can be taken for a hidden value.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from grader.teaching.differences import say

MOST = 99


def places(concerned: torch.Tensor) -> dict[str, str]:
    """Return `many` and `where` for a sentence about the places of a mask; of one place alone neither is said."""
    if concerned.numel() == 1 or not bool(concerned.any()):
        return {"many": "", "where": ""}
    return {"many": _many(int(concerned.sum()), concerned.numel()), "where": where(concerned)}


def _many(n: int, total: int) -> str:
    if n == total:
        return say("everywhere")
    if total <= MOST:
        return say("some", n=n, total=total)
    if n == 1:
        return say("one_place")
    percent = round(100 * n / total)
    if 1 <= percent <= MOST:
        return say("percent", percent=percent)
    return say("less_than_one" if percent < 1 else "nearly_all")


def where(concerned: torch.Tensor) -> str:
    """Say what the places have in common: an index of an axis, a side of the diagonal, a stretch of an axis."""
    if bool(concerned.all()):
        return ""
    if spots := list(_spots(concerned)):
        return say("at_one" if int(concerned.sum()) == 1 else "at", spots=say("and").join(spots))
    return _side(concerned) or next(_stretches(concerned), "")


def _spots(concerned: torch.Tensor) -> Iterator[str]:
    """Name the axes along which all places have one index."""
    for axis, size in enumerate(concerned.shape):
        indices = _indices(concerned, axis)
        if size == 1 or len(indices) != 1:
            continue
        if indices[0] == size - 1 and size > 2:
            yield say("last_index", axis=axis)
        else:
            yield say("index" if indices[0] <= MOST else "one_index", index=indices[0], axis=axis)


def _side(concerned: torch.Tensor) -> str:
    """Name the side of the diagonal of the last two axes on which all places are, if they fill half of it."""
    if concerned.ndim < 2 or not concerned.shape[-1] == concerned.shape[-2] > 2:
        return ""
    ones = torch.ones(concerned.shape[-2:], dtype=torch.bool, device=concerned.device)
    for key, side in (("above", ones.triu(1)), ("below", ones.tril(-1)), ("diagonal", ones.triu().tril())):
        if not bool((concerned & ~side).any()) and bool(2 * concerned.sum() >= side.expand_as(concerned).sum()):
            return say(key)
    return ""


def _stretches(concerned: torch.Tensor) -> Iterator[str]:
    """Name the axes of which the places take up all indices from one on, or up to one."""
    for axis, size in enumerate(concerned.shape):
        indices = _indices(concerned, axis)
        if len(indices) == size or indices[-1] - indices[0] != len(indices) - 1 or max(indices[0], 1) > MOST:
            continue
        if indices[-1] == size - 1:
            yield say("from", index=indices[0], axis=axis)
        elif indices[0] == 0 and indices[-1] <= MOST:
            yield say("up_to", index=indices[-1], axis=axis)


def _indices(concerned: torch.Tensor, axis: int) -> list[int]:
    hit: list[int] = concerned.movedim(axis, 0).reshape(concerned.shape[axis], -1).any(dim=1).nonzero()[:, 0].tolist()
    return hit
