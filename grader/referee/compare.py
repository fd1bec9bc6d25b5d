"""Compares two trees of values leaf by leaf, and says what kind of difference there is: never a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from grader.referee.tolerances import tolerance

KINDS = {
    bool: "a bool", int: "an int", float: "a float", complex: "a complex number", str: "a string", bytes: "bytes",
    list: "a list", tuple: "a tuple", dict: "a dict", type(None): "None",
    torch.Tensor: "a tensor", np.ndarray: "an array",
    torch.dtype: "a dtype", torch.device: "a device",
}  # fmt: skip


def difference(
    actual: Any, expected: Any, *, name: str = "the answer", rtol: float | None = None, atol: float | None = None
) -> str | None:
    """Return a sentence about the first difference, or None if there is none.

    Lists and tuples are alike; an int may stand for a float; apart from that kinds must be the same. Where the
    expected value is finite, the actual one must be; NaN equals NaN.
    """
    if isinstance(expected, Mapping):
        return _mapping(actual, expected, name, rtol, atol)
    if isinstance(expected, list | tuple):
        return _sequence(actual, expected, name, rtol, atol)
    if isinstance(expected, torch.Tensor):
        if not isinstance(actual, torch.Tensor):
            return _wrong_kind(actual, expected, name)
        return _tensors(actual, expected, name, rtol, atol)
    if isinstance(expected, np.ndarray):
        if not isinstance(actual, np.ndarray):
            return _wrong_kind(actual, expected, name)
        if actual.dtype != expected.dtype:  # torch does not know all of numpy's
            return f"{name} is {actual.dtype} where {expected.dtype} is expected"
        return _tensors(torch.from_numpy(actual), torch.from_numpy(expected), name, rtol, atol)
    return _scalars(actual, expected, name, rtol, atol)


def _wrong_kind(actual: Any, expected: Any, name: str) -> str:
    kinds = [KINDS.get(type(x), f"a {type(x).__name__}") for x in (actual, expected)]
    return f"{name} is {kinds[0]} where {kinds[1]} is expected"


def _mapping(actual: Any, expected: Mapping[Any, Any], name: str, rtol: float | None, atol: float | None) -> str | None:
    if not isinstance(actual, Mapping):
        return _wrong_kind(actual, expected, name)
    if actual.keys() != expected.keys():
        return f"{name} has other keys than expected"
    found = (difference(actual[k], v, name=f"{name}[{k!r}]", rtol=rtol, atol=atol) for k, v in expected.items())
    return next((d for d in found if d), None)


def _sequence(actual: Any, expected: Any, name: str, rtol: float | None, atol: float | None) -> str | None:
    if not isinstance(actual, list | tuple):
        return _wrong_kind(actual, expected, name)
    if len(actual) != len(expected):
        return f"{name} has {_sized(len(actual), len(expected), 'item')}"
    pairs = zip(actual, expected, strict=True)
    found = (difference(a, e, name=f"{name}[{i}]", rtol=rtol, atol=atol) for i, (a, e) in enumerate(pairs))
    return next((d for d in found if d), None)


def _sized(actual: int, expected: int, what: str) -> str:
    if abs(actual - expected) == 1:
        return f"one {what} too {'many' if actual > expected else 'few'}"
    return f"too {'many' if actual > expected else 'few'} {what}s"


def _scalars(actual: Any, expected: Any, name: str, rtol: float | None, atol: float | None) -> str | None:
    if isinstance(actual, np.ndarray) and actual.ndim == 0:
        actual = actual.item()
    if type(expected) is float and type(actual) is int:
        actual = float(actual) if abs(actual) < 2**1000 else actual
    if type(actual) is not type(expected):
        return _wrong_kind(actual, expected, name)
    if isinstance(expected, float | complex):
        kind = torch.float64 if isinstance(expected, float) else torch.complex128
        return _values(torch.tensor(actual, dtype=kind), torch.tensor(expected, dtype=kind), name, rtol, atol)
    return None if actual == expected else f"{name} is not the expected {type(expected).__name__}"


def _tensors(
    actual: torch.Tensor, expected: torch.Tensor, name: str, rtol: float | None, atol: float | None
) -> str | None:
    if actual.shape != expected.shape:
        return f"{name} {_shapes(actual.shape, expected.shape)}"
    if actual.dtype != expected.dtype:
        actual_kind, expected_kind = (str(t.dtype).removeprefix("torch.") for t in (actual, expected))
        return f"{name} is {actual_kind} where {expected_kind} is expected"
    if actual.device != expected.device:
        return f"{name} is on {actual.device} where {expected.device} is expected"
    return _values(actual, expected, name, rtol, atol)


def _shapes(actual: torch.Size, expected: torch.Size) -> str:
    if len(actual) != len(expected):
        return f"has {_sized(len(actual), len(expected), 'axis').replace('axiss', 'axes')}"
    if sorted(actual) == sorted(expected):
        return "has its axes in another order than expected"
    axis, (a, e) = next((i, s) for i, s in enumerate(zip(actual, expected, strict=True)) if s[0] != s[1])
    return f"has {_sized(a, e, 'element')} along axis {axis}"


def _values(
    actual: torch.Tensor, expected: torch.Tensor, name: str, rtol: float | None, atol: float | None
) -> str | None:
    allowed = tolerance(actual.dtype, rtol, atol)
    if allowed.norm is not None:
        return _by_norm(actual, expected, name, allowed.norm)
    close = torch.isclose(actual, expected, rtol=allowed.rtol, atol=allowed.atol, equal_nan=True)
    if bool(close.all()):
        return None
    if bool((~torch.isfinite(actual) & torch.isfinite(expected)).any()):
        return f"{name} has {_unfinite(actual)} where numbers are expected"
    return f"{name} {_kind(actual, expected, close)}"


def _by_norm(actual: torch.Tensor, expected: torch.Tensor, name: str, allowed: float) -> str | None:
    finite = torch.isfinite(expected)
    if not bool(torch.isfinite(actual)[finite].all()):
        return f"{name} has {_unfinite(actual)} where numbers are expected"
    a, e = actual.double(), expected.double()
    alike = torch.isclose(a[~finite], e[~finite], equal_nan=True).all()
    error = float((a - e)[finite].norm())
    return None if alike and error <= allowed * float(e[finite].norm()) + 1e-12 else f"{name} {_kind(a, e)}"


def _unfinite(values: torch.Tensor) -> str:
    return "NaN" if bool(torch.isnan(values).any()) else "infinity"


def _kind(actual: torch.Tensor, expected: torch.Tensor, close: torch.Tensor | None = None) -> str:
    """Say how values of the same shape differ, where there is a pattern that a student can act on."""
    if actual.dtype in (torch.bool, torch.int64, torch.int32) or actual.is_complex():
        return "differs from what is expected"
    a, e = actual.double().reshape(-1), expected.double().reshape(-1)

    def alike(x: torch.Tensor, y: torch.Tensor) -> bool:
        return torch.allclose(x, y, rtol=1e-4, atol=1e-12)

    if alike(a, -e):
        return "has the opposite sign of what is expected"
    if a.numel() > 1 and bool((a == a[0]).all()) and not bool((e == e[0]).all()):
        return "is the same number everywhere, which is not expected"
    if a.numel() > 2 and bool((e != 0).all()) and alike(a / e, (a / e).mean().expand_as(a)):
        return "differs from what is expected by a constant factor"
    if a.numel() > 2 and alike(a - e, (a - e).mean().expand_as(a)):
        return "differs from what is expected by a constant"
    if actual.ndim == 2 and actual.shape[0] == actual.shape[1] and alike(actual.double().T.reshape(-1), e):
        return "is the transpose of what is expected"
    return _where(actual, close) if close is not None and a.numel() > 1 else "differs from what is expected"


def _where(actual: torch.Tensor, close: torch.Tensor) -> str:
    if actual.ndim and actual.shape[0] > 2:
        rows = close.reshape(actual.shape[0], -1).all(dim=1)
        if bool(rows[1:].all()):
            return "differs from what is expected in its first entry along axis 0 only"
        if bool(rows[:-1].all()):
            return "differs from what is expected in its last entry along axis 0 only"
        if bool(rows[0]) and not bool(rows[1:].any()):
            return "differs from what is expected from its second entry along axis 0 on"
    share = 1 - close.double().mean().item()
    return "differs from what is expected " + ("everywhere" if share > 0.99 else "in some places")
