"""What a course author imports: `check`, `misconception`, `assert_close`, `require`, `at_most`, `grows`.

`check` is a thin layer over pytest marks, so everything of pytest works beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pytest
from msgspec import Struct

from grader.referee.budgets import agrees_with, at_most, grows
from grader.referee.failure import CheckFailed

__all__ = [
    "CheckFailed",
    "Misconception",
    "agrees_with",
    "assert_close",
    "at_most",
    "check",
    "grows",
    "misconception",
    "require",
]

F = TypeVar("F", bound=Callable[..., Any])


class Misconception(Struct, frozen=True):
    """A named wrong implementation: another student, with one thing replaced."""

    name: str
    replaces: str  # a top-level name of the module, or "Class.method"
    hint: str
    fails: tuple[str, ...]  # checks that must lose points with it
    wrong: Any


def check(part: str, *, points: float, after: Any = ()) -> Callable[[F], F]:
    """Mark a pytest function as a hidden check of a part.

    `after` names the checks (functions, or their names) without which this one says nothing: it is `blocked` until
    they pass. The first line of the docstring is the title that students read.
    """
    before = (after,) if isinstance(after, str) or callable(after) else tuple(after)

    def mark(function: F) -> F:
        marked: F = pytest.mark.check(part=part, points=float(points), after=before)(function)
        return marked

    return mark


def misconception(*, replaces: str, hint: str, fails: Sequence[str] = ()) -> Callable[[F], F]:
    """Mark a function or class as what a student with one wrong idea would write."""

    def mark(wrong: F) -> F:
        found = Misconception(
            wrong.__name__, replaces, hint, (fails,) if isinstance(fails, str) else tuple(fails), wrong
        )
        wrong.__misconception__ = found  # type: ignore[attr-defined]
        return wrong

    return mark


def require(condition: object, message: str) -> None:
    """Fail the check with this sentence, which the student reads, unless the condition holds.

    Raises:
        CheckFailed: if it does not.
    """
    if not bool(condition):
        raise CheckFailed(message)


def assert_close(
    actual: Any, expected: Any, *, name: str = "the answer", rtol: float | None = None, atol: float | None = None
) -> None:
    """Fail the check unless the two trees of values are alike, leaf by leaf, by the table of tolerances.

    Raises:
        CheckFailed: with the kind of difference, never a value.
    """
    from grader.referee.compare import difference  # it imports torch, which a student's `grader check` may not need

    found = difference(actual, expected, name=name, rtol=rtol, atol=atol)
    if found is not None:
        raise CheckFailed(found)
