"""What kind of difference there is between two shapes. A shape is never said: whoever answers chooses it."""

from __future__ import annotations

from typing import Any

import torch

Said = dict[str, Any]


def shapes(actual: torch.Tensor, expected: torch.Tensor) -> Said:
    """Return what to say of two tensors of different shapes."""
    if actual.ndim != expected.ndim:
        return (
            _axes(actual.shape, expected.shape)
            or _same_values(actual, expected)
            or _more(actual.ndim - expected.ndim, "axis", "axes")
        )
    if sorted(actual.shape) == sorted(expected.shape):
        return _swapped(actual, expected) or {"key": "axes_order"}
    return _one_element(actual, expected) or _same_values(actual, expected) or _elements(actual.shape, expected.shape)


def _more(by: int, one: str, many: str, **values: Any) -> Said:
    end = "more" if by > 0 else "less"
    return {"key": f"one_{one}_{end}" if abs(by) == 1 else f"{many}_{end}", **values}


def _axes(actual: torch.Size, expected: torch.Size) -> Said | None:
    """Name the one axis that is too many or missing, where no other could be."""
    longer, shorter = (actual, expected) if len(actual) > len(expected) else (expected, actual)
    found = [i for i in range(len(longer)) if longer[:i] + longer[i + 1 :] == shorter]
    if len(found) != 1:
        return None
    return {"key": "this_axis_more" if longer is actual else "this_axis_less", "axis": found[0]}


def _swapped(actual: torch.Tensor, expected: torch.Tensor) -> Said | None:
    moved = [i for i, (a, e) in enumerate(zip(actual.shape, expected.shape, strict=True)) if a != e]
    if len(moved) != 2 or not _alike(actual.transpose(*moved), expected):
        return None
    return {"key": "transpose"} if actual.ndim == 2 else {"key": "swapped", "one": moved[0], "other": moved[1]}


def _one_element(actual: torch.Tensor, expected: torch.Tensor) -> Said | None:
    """Say so if an answer is right but for an element too many or too few at one end."""
    odd = [i for i, (a, e) in enumerate(zip(actual.shape, expected.shape, strict=True)) if a != e]
    by = actual.shape[odd[0]] - expected.shape[odd[0]]
    if len(odd) != 1 or abs(by) != 1:
        return None
    longer, shorter = (actual, expected) if by > 0 else (expected, actual)
    end, size = "more" if by > 0 else "less", shorter.shape[odd[0]]
    if size and _alike(longer.narrow(odd[0], 1, size), shorter):
        return {"key": f"first_{end}", "axis": odd[0]}
    return {"key": f"last_{end}", "axis": odd[0]} if size and _alike(longer.narrow(odd[0], 0, size), shorter) else None


def _same_values(actual: torch.Tensor, expected: torch.Tensor) -> Said | None:
    same = actual.numel() == expected.numel() > 1 and _alike(actual.reshape(-1), expected.reshape(-1))
    return {"key": "another_shape"} if same else None


def _elements(actual: torch.Size, expected: torch.Size) -> Said:
    axis = next(i for i, (a, e) in enumerate(zip(actual, expected, strict=True)) if a != e)
    return _more(actual[axis] - expected[axis], "element", "elements", axis=axis)


def _alike(actual: torch.Tensor, expected: torch.Tensor) -> bool:
    if actual.dtype != expected.dtype or actual.device != expected.device:
        return False
    wide = torch.complex128 if expected.is_complex() else torch.float64
    return torch.allclose(actual.to(wide), expected.to(wide), rtol=1e-4, atol=1e-8, equal_nan=True)
