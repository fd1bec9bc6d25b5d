"""The one table of tolerances. A check that departs from it says why."""

from __future__ import annotations

from typing import NamedTuple

import torch


class Tolerance(NamedTuple):
    """Elementwise |actual - expected| <= atol + rtol |expected|; `norm` bounds the relative Frobenius error instead."""

    rtol: float
    atol: float
    norm: float | None = None


EXACT = Tolerance(0.0, 0.0)
TABLE: dict[torch.dtype, Tolerance] = {
    torch.float64: Tolerance(1e-9, 1e-11),
    torch.complex128: Tolerance(1e-9, 1e-11),
    torch.float32: Tolerance(1e-4, 1e-5),
    torch.complex64: Tolerance(1e-4, 1e-5),
    torch.float16: Tolerance(0.0, 0.0, norm=5e-3),
    torch.bfloat16: Tolerance(0.0, 0.0, norm=3e-2),
}


def tolerance(dtype: torch.dtype, rtol: float | None = None, atol: float | None = None) -> Tolerance:
    """Return the table's entry, with what a check asks for in its place. Integers and booleans are exact."""
    if not (dtype.is_floating_point or dtype.is_complex):
        return EXACT
    usual = TABLE[dtype]
    if rtol is None and atol is None:
        return usual
    return Tolerance(usual.rtol if rtol is None else rtol, usual.atol if atol is None else atol)
