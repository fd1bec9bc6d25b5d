"""How much of each limit an answer uses, for whoever asks: what shows a tolerance that is too tight or too loose."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from msgspec import Struct


class Margin(Struct, frozen=True):
    """What was compared, and the share of its limit that was used: 1.0 is the limit, inf what is not comparable."""

    what: str
    used: float


_seen: ContextVar[list[Margin] | None] = ContextVar("margins", default=None)


@contextmanager
def observed() -> Iterator[list[Margin]]:
    """Collect the margins of what the block compares; a block around it does not see them."""
    seen: list[Margin] = []
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


@contextmanager
def kept(by_check: dict[str, list[Margin]] | None, check: str) -> Iterator[None]:
    """Keep the margins of the block under this name, where there is something to keep them in."""
    if by_check is None:
        yield
        return
    with observed() as by_check[check]:
        yield


def observing() -> bool:
    """Whether anybody asks: without, nothing needs to be worked out."""
    return _seen.get() is not None


def note(what: str, used: float) -> None:
    """Tell whoever asks that this share of a limit was used."""
    if (seen := _seen.get()) is not None:
        seen.append(Margin(what, used))


def share(value: float, limit: float) -> float:
    """Return the share of a limit that a value uses. Of a limit of nothing, nothing uses nothing."""
    if limit > 0:
        return max(value / limit, 0.0)
    return 0.0 if value <= limit else math.inf
