"""Whether two tensors of one shape and dtype are alike within a tolerance, and how much of it is used."""

from __future__ import annotations

import math

import torch

from grader.referee.margins import note, observing, share
from grader.referee.tolerances import Tolerance


def close(actual: torch.Tensor, expected: torch.Tensor, allowed: Tolerance, name: str) -> bool:
    """Whether an answer is within its tolerance. What it uses of that is noted under its name."""
    if allowed.norm is not None:
        return _by_norm(actual.double(), expected.double(), allowed.norm, name)
    if observing():
        note(name, _used(actual, expected, allowed))
    return bool(torch.isclose(actual, expected, rtol=allowed.rtol, atol=allowed.atol, equal_nan=True).all())


def _by_norm(actual: torch.Tensor, expected: torch.Tensor, allowed: float, name: str) -> bool:
    finite = torch.isfinite(expected)
    numbers = bool(torch.isfinite(actual)[finite].all())
    comparable = numbers and bool(torch.isclose(actual[~finite], expected[~finite], equal_nan=True).all())
    error, limit = float((actual - expected)[finite].norm()), allowed * float(expected[finite].norm()) + 1e-12
    note(name, share(error, limit) if comparable else math.inf)
    return comparable and error <= limit


def _used(actual: torch.Tensor, expected: torch.Tensor, allowed: Tolerance) -> float:
    """Return the largest share of its limit that an element uses."""
    if not actual.numel():
        return 0.0
    wide = torch.complex128 if actual.is_complex() else torch.float64
    a, e = actual.to(wide), expected.to(wide)
    same = (a == e) | (a.isnan() & e.isnan())
    shares = (a - e).abs() / (allowed.atol + allowed.rtol * e.abs())
    return float(torch.where(same, 0.0, shares.nan_to_num(math.inf, math.inf)).max())
