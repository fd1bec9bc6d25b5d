"""Finds hidden values in a text: inputs and expected answers, in whatever precision somebody printed them.

A number tells something if it has three significant digits, a string if it has four characters, and neither if the
handout names it. The text's numbers are looked up among the hidden ones, not the other way round: texts are short.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from msgspec import Struct

NUMBER = re.compile(r"(\d+)(\.\d+)?(?:[eE]([-+]?\d{1,3}))?")
OURS = re.compile(r"line \d+|exit status \d+|signal \d+|\d+ MB\b|[\d.]+ s\b")  # bounded, and of no input
LARGEST = 308  # exponent of a float
TELLING_DIGITS = 3
TELLING_CHARACTERS = 4
MOST_NUMBERS = 200_000  # of the hidden ones that are looked at; of more, evenly spaced ones

Numbers = np.ndarray[Any, np.dtype[np.float64]]


class Printed(Struct, frozen=True):
    """A number as it stands in a text."""

    text: str
    value: float
    digits: str  # the significant ones
    last: float  # what a step of the last printed digit is worth
    whole: bool


def printed(text: str) -> Iterator[Printed]:
    """Yield the numbers of a text."""
    for found in NUMBER.finditer(text):
        whole, fraction, exponent = found[1], (found[2] or ".")[1:], int(found[3] or 0)
        digits = (whole + fraction).strip("0")
        yield Printed(
            found[0],
            float(found[0]),
            digits,
            10.0 ** min(exponent - len(fraction), LARGEST),
            not (fraction or exponent),
        )


class Named:
    """What the handout names, and so gives nothing away."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.numbers = frozenset(number.value for number in printed(text))


class Hidden:
    """The inputs, or the expected answers, of one check."""

    def __init__(self, trees: Iterable[Any]) -> None:
        leaves = [leaf for tree in trees for leaf in _leaves(tree)]
        self.strings = {leaf for leaf in leaves if isinstance(leaf, str) and len(leaf) >= TELLING_CHARACTERS}
        self._leaves = leaves
        self._numbers: Numbers | None = None

    @property
    def numbers(self) -> Numbers:
        """The magnitudes of all numbers, sorted. Made when a text has a number to look up, which is seldom."""
        if self._numbers is None:
            arrays = [array for leaf in self._leaves if (array := _array(leaf)) is not None]
            every = np.concatenate([np.zeros(0), *arrays])
            step = -(-len(every) // MOST_NUMBERS) or 1
            self._numbers = np.sort(np.abs(every[::step]))
        return self._numbers

    def found_in(self, text: str, named: Named) -> str | None:
        """Return a hidden value that this text holds, as it stands there."""
        for string in sorted(self.strings):
            if string in text and string not in named.text:
                return string
        telling = (number for number in printed(OURS.sub(" ", text)) if len(number.digits) >= TELLING_DIGITS)
        return next((n.text for n in telling if n.value not in named.numbers and self._has(n)), None)

    def _has(self, number: Printed) -> bool:
        """Whether a hidden number is printed so, rounded or cut off; a whole number stands for itself alone."""
        off = 0.0 if number.whole else number.last * (1 + 1e-6)
        first = np.searchsorted(self.numbers, number.value - off, side="left")
        return bool(first < len(self.numbers) and self.numbers[first] <= number.value + off)


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, list | tuple):
        for item in tree:
            yield from _leaves(item)
    elif isinstance(tree, Mapping):
        yield from _leaves(list(tree.values()))
    else:
        yield tree


def _array(leaf: Any) -> Numbers | None:
    """Return a leaf's numbers; a complex number is two."""
    if isinstance(leaf, bool | str | bytes) or leaf is None:
        return None
    if isinstance(leaf, torch.Tensor):
        leaf = leaf.detach().to(torch.complex128 if leaf.is_complex() else torch.float64).numpy()
    try:
        flat = np.asarray(leaf).reshape(-1)
        if flat.dtype.kind == "b":
            return None
        split = np.concatenate([flat.real, flat.imag]) if flat.dtype.kind == "c" else flat
        values = split.astype(np.float64)
    except (TypeError, ValueError, OverflowError):  # a dtype, a device, an int beyond any float
        return None
    return values[np.isfinite(values)]
