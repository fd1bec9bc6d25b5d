"""What a public check is about: the names that it uses, and so the part that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from grader.model import Assignment


def names_used(function: Callable[..., Any]) -> frozenset[str]:
    """Return the global and attribute names in a check, and in the functions of its own file that it calls."""
    seen: dict[FunctionType, frozenset[str]] = {}
    waiting: list[Any] = [function]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, FunctionType) or current in seen:
            continue
        seen[current] = frozenset(name for code in _codes(current.__code__) for name in code.co_names)
        called = (current.__globals__.get(name) for name in seen[current])
        waiting += [other for other in called if getattr(other, "__module__", None) == function.__module__]
    return frozenset[str]().union(*seen.values())


def part_number(name: str, used: frozenset[str], assignment: Assignment) -> int:
    """Return the number of the part that a check is about, 0 for none.

    Of the parts of which it uses a name, the one whose id comes first in the check's own name; else the last, since
    later parts build on earlier ones. A name that several parts have belongs to the first of them.
    """
    about = [number for number, part in enumerate(assignment.parts, 1) if any(_uses(used, each) for each in part.names)]
    words = f"_{name}_"
    called = {words.find(f"_{assignment.parts[number - 1].id}_"): number for number in about}
    called.pop(-1, None)
    if called:
        return called[min(called)]
    names = (part.names for part in assignment.parts)
    first = {each: number for number, several in reversed([*enumerate(names, 1)]) for each in several}
    return max((number for each, number in first.items() if _uses(used, each)), default=0)


def _uses(used: frozenset[str], name: str) -> bool:
    return used.issuperset(name.split("."))


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _codes(const)
