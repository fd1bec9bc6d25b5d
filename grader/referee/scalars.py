"""What kind of difference there is between two single values that are no floats, or two lists of such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from grader.teaching.differences import noun

PLAIN = (int, str, bytes, bool, type(None))


def kind(actual: Any, expected: Any, called: str) -> dict[str, Any]:
    """Return what to say of two unequal values of one type, which is `called` so."""
    if type(expected) is int and abs(actual - expected) == 1:
        return {"key": "one_more" if actual > expected else "one_less", "many": "", "where": ""}
    if isinstance(expected, str) and "".join(actual.split()) == "".join(expected.split()):
        return {"key": "space"}
    if isinstance(expected, str) and actual.casefold() == expected.casefold():
        return {"key": "case"}
    return {"key": "another", "kind": noun(called).removeprefix("a ").removeprefix("an ")}


def in_another_order(actual: Sequence[Any], expected: Sequence[Any]) -> bool:
    """Whether both hold the same single values, more than two of them, in different places."""
    if len(expected) < 3 or not all(type(item) in PLAIN for item in (*actual, *expected)):
        return False
    pairs = [[(type(item), item) for item in items] for items in (actual, expected)]
    return pairs[0] != pairs[1] and Counter(pairs[0]) == Counter(pairs[1])
