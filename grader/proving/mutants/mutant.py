"""A solution with one small change, and what its author says of it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import unified_diff

from msgspec import Struct

from grader.proving.exceptions import Equivalent


class Mutant(Struct, frozen=True):
    """A changed solution.

    `function` is the function or method that holds the change, or empty; `was` and `becomes` are the lines that
    changed, without their indentation; `line` is the first of them; `text` is all of the module.
    """

    function: str
    line: int
    was: str
    becomes: str
    text: str

    def diff(self, original: str) -> str:
        """Return the change as a unified diff, without the names of files."""
        lines = unified_diff(original.splitlines(), self.text.splitlines(), n=1, lineterm="")
        return "\n".join(list(lines)[2:])

    def is_named_by(self, entry: Equivalent) -> bool:
        """Whether an entry of proof.toml is about this change."""
        return (entry.within, entry.was, entry.becomes) == (self.function, self.was, self.becomes)


def of_lines(function: str, before: str, after: str) -> Mutant:
    """Return the mutant that a text becomes, with the lines that changed."""
    old, new = before.splitlines(), after.splitlines()
    first = _shared(old, new)
    last = _shared(old[first:][::-1], new[first:][::-1])
    was, becomes = (_stripped(lines[first : len(lines) - last]) for lines in (old, new))
    return Mutant(function, first + 1, was, becomes, after)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines are the same from the start on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))


def _stripped(lines: Sequence[str]) -> str:
    return "\n".join(line.strip() for line in lines)
