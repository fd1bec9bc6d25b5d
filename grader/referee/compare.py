"""Compares two trees of values leaf by leaf, and says what kind of difference there is: never a value.

Whether there is one is cheap to see, and is asked of every answer; what kind it is, only of wrong ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch

from grader.referee import kinds, leniency, scalars
from grader.referee.closeness import close
from grader.referee.margins import note
from grader.referee.shapes import shapes
from grader.referee.tolerances import Tolerance, tolerance
from grader.teaching.differences import noun, say

NOUNS = {
    bool: "a bool", int: "an int", float: "a float", complex: "a complex number", str: "a string", bytes: "bytes",
    list: "a list", tuple: "a tuple", dict: "a dict", type(None): "None",
    torch.Tensor: "a tensor", np.ndarray: "an array",
    torch.dtype: "a dtype", torch.device: "a device",
}  # fmt: skip
FLOATS = {np.dtype(name) for name in ("float16", "float32", "float64")}
MOST_COUNTED = 99  # a count of three digits could be looked for among the hidden values

Sentence = Callable[[], str]


class Leaf(NamedTuple):
    """One value that was compared, and what to say of it if it is wrong."""

    name: str
    says: Sentence | None = None


class Asked(NamedTuple):
    """The tolerances that a check asks for in place of the table's."""

    rtol: float | None
    atol: float | None


def difference(
    actual: Any, expected: Any, *, name: str = "the answer", rtol: float | None = None, atol: float | None = None
) -> str | None:
    """Return a sentence about the first difference and how many more there are, or None if there is none.

    Lists and tuples are alike; an int may stand for a float; apart from that kinds must be the same. Where the
    expected value is finite, the actual one must be; NaN equals NaN.
    """
    leaves = list(_compared(actual, expected, noun(name), Asked(rtol, atol)))
    wrong = [leaf.says for leaf in leaves if leaf.says is not None]
    return _with_others(wrong[0](), len(wrong) - 1, len(leaves) - 1) if wrong else None


def same_values(actual: Any, expected: Any) -> bool:
    """Whether there is no difference, without a word about it."""
    return all(leaf.says is None for leaf in _compared(actual, expected, "", Asked(None, None)))


def _with_others(said: str, wrong: int, total: int) -> str:
    """Add how many of the other values are wrong."""
    if wrong == 0:
        return said
    if total > MOST_COUNTED:
        return say("many_others", said=said)
    key = "some_others" if wrong < total else "other_too" if total == 1 else "others_too"
    return say(key, said=said, n=wrong, total=total)


# ---- the walk ------------------------------------------------------------------------------------------------------


def _compared(actual: Any, expected: Any, name: str, asked: Asked) -> Iterator[Leaf]:
    if isinstance(expected, Mapping):
        yield from _mapping(actual, expected, name, asked)
    elif isinstance(expected, list | tuple):
        yield from _sequence(actual, expected, name, asked)
    else:
        yield _leaf(actual, expected, name, asked)


def _mapping(actual: Any, expected: Mapping[Any, Any], name: str, asked: Asked) -> Iterator[Leaf]:
    if not isinstance(actual, Mapping):
        yield _wrong_kind(actual, expected, name)
    elif actual.keys() != expected.keys():
        yield _wrong(name, lambda: _keys(actual, expected, name))
    else:
        for key, value in expected.items():
            yield from _compared(actual[key], value, f"{name}[{key!r}]", asked)


def _sequence(actual: Any, expected: Any, name: str, asked: Asked) -> Iterator[Leaf]:
    if not isinstance(actual, list | tuple):
        yield _wrong_kind(actual, expected, name)
    elif len(actual) != len(expected):
        one, key = abs(len(actual) - len(expected)) == 1, "more" if len(actual) > len(expected) else "less"
        yield _wrong(name, lambda: say(f"one_item_{key}" if one else f"items_{key}", name=name))
    elif scalars.in_another_order(actual, expected):
        yield _wrong(name, lambda: say("items_order", name=name))
    else:
        for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
            yield from _compared(a, e, f"{name}[{i if i <= MOST_COUNTED else '…'}]", asked)


def _leaf(actual: Any, expected: Any, name: str, asked: Asked) -> Leaf:
    if isinstance(expected, torch.Tensor):
        return _tensor(actual, expected, name, asked)
    if isinstance(expected, np.ndarray):
        return _array(actual, expected, name, asked)
    return _scalar(actual, expected, name, asked)


def _tensor(actual: Any, expected: torch.Tensor, name: str, asked: Asked) -> Leaf:
    if not isinstance(actual, torch.Tensor):
        return _wrong_kind(actual, expected, name)
    if actual.shape != expected.shape:
        return _wrong(name, lambda: say(**shapes(actual, expected), name=name))
    if actual.dtype != expected.dtype:
        if not leniency.passes(actual.dtype, expected.dtype):
            return _wrong_dtype(actual, expected, name)
        allowed = leniency.coarser(actual.dtype, expected.dtype, *asked)
        wide = torch.promote_types(actual.dtype, expected.dtype)
        actual, expected = actual.to(wide), expected.to(wide)
    else:
        allowed = tolerance(actual.dtype, *asked)
    if actual.device != expected.device:
        return _wrong(name, lambda: say("device", name=name, actual=actual.device, expected=expected.device))
    return _values(actual, expected, name, allowed)


def _array(actual: Any, expected: np.ndarray[Any, Any], name: str, asked: Asked) -> Leaf:
    if not isinstance(actual, np.ndarray):
        return _wrong_kind(actual, expected, name)
    if actual.dtype != expected.dtype and not {actual.dtype, expected.dtype} <= FLOATS:  # torch does not know all
        return _wrong_dtype(actual, expected, name)
    return _tensor(torch.from_numpy(actual), torch.from_numpy(expected), name, asked)


def _scalar(actual: Any, expected: Any, name: str, asked: Asked) -> Leaf:
    if isinstance(actual, np.ndarray) and actual.ndim == 0:
        actual = actual.item()
    if type(expected) is float and type(actual) is int:
        actual = float(actual) if abs(actual) < 2**1000 else actual
    if type(actual) is not type(expected):
        return _wrong_kind(actual, expected, name)
    if isinstance(expected, float | complex):
        kind = torch.float64 if isinstance(expected, float) else torch.complex128
        a, e = (torch.tensor(value, dtype=kind) for value in (actual, expected))
        return _values(a, e, name, tolerance(kind, *asked))
    if actual == expected:
        return Leaf(name)
    return _wrong(name, lambda: say(**scalars.kind(actual, expected, _noun(expected)), name=name))


def _values(actual: torch.Tensor, expected: torch.Tensor, name: str, allowed: Tolerance) -> Leaf:
    if close(actual, expected, allowed, name):
        return Leaf(name)
    return Leaf(name, lambda: kinds.sentence(actual, expected, allowed, name))


# ---- what cannot be compared ---------------------------------------------------------------------------------------


def _wrong(name: str, says: Sentence) -> Leaf:
    note(name, math.inf)
    return Leaf(name, says)


def _wrong_kind(actual: Any, expected: Any, name: str) -> Leaf:
    return _wrong(name, lambda: say("kind", name=name, actual=noun(_noun(actual)), expected=noun(_noun(expected))))


def _wrong_dtype(actual: Any, expected: Any, name: str) -> Leaf:
    dtypes = [str(x.dtype).removeprefix("torch.") for x in (actual, expected)]
    return _wrong(name, lambda: say("kind", name=name, actual=dtypes[0], expected=dtypes[1]))


def _keys(actual: Mapping[Any, Any], expected: Mapping[Any, Any], name: str) -> str:
    missing, extra = len(expected.keys() - actual.keys()), len(actual.keys() - expected.keys())
    if max(missing, extra) > MOST_COUNTED:
        return say("many_keys", name=name)
    if missing and extra:
        return say("keys", name=name, missing=missing, extra=extra)
    return say("keys_missing" if missing else "keys_extra", name=name, n=missing or extra)


def _noun(value: Any) -> str:
    return NOUNS.get(type(value), f"a {type(value).__name__}")
