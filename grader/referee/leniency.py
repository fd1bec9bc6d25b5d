"""Right values in the wrong float dtype lose the check that names this carelessness, and no other of its part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch

from grader.referee.suite import Check
from grader.referee.tolerances import TABLE, Tolerance, tolerance

DTYPE = "dtype"  # as the mark `careless` says it
WIDE = 4  # bytes

_any_float: ContextVar[bool] = ContextVar("any_float", default=False)


def is_lenient(check: Check, checks: Iterable[Check]) -> bool:
    """Whether this check leaves the float dtype to another check of its part, which is marked for it."""
    if DTYPE in check.careless:
        return False
    return any(DTYPE in other.careless for other in checks if other.part.id == check.part.id)


@contextmanager
def any_float(allowed: bool) -> Iterator[None]:
    """Compare values of different float dtypes, within the block, as the coarser of the two."""
    token = _any_float.set(allowed)
    try:
        yield
    finally:
        _any_float.reset(token)


def passes(actual: torch.dtype, expected: torch.dtype) -> bool:
    """Whether a check is content with values of this dtype where another is expected."""
    if not _any_float.get() or not {actual, expected} <= TABLE.keys():
        return False
    if actual.itemsize < WIDE <= expected.itemsize:
        return False  # the tolerance of 16 bits would let wrong values pass
    return (actual.is_floating_point and expected.is_floating_point) or (actual.is_complex and expected.is_complex)


def coarser(one: torch.dtype, other: torch.dtype, rtol: float | None, atol: float | None) -> Tolerance:
    """Return the wider of both dtypes' tolerances, and of what the check asks for."""
    usual = [tolerance(one), tolerance(other)]
    norms = [allowed.norm for allowed in usual if allowed.norm is not None]
    if norms:
        return Tolerance(0.0, 0.0, max(norms))
    return Tolerance(
        max(rtol or 0.0, *(allowed.rtol for allowed in usual)), max(atol or 0.0, *(allowed.atol for allowed in usual))
    )
