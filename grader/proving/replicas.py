"""Modules made of the reference: fresh copies with several things replaced, and the stub with one part written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from types import ModuleType
from typing import Any

from grader.checks import Misconception
from grader.model import Assignment, Part
from grader.referee.suite import Suite


def roots(part: Part) -> tuple[str, ...]:
    """Return the functions and classes in which a part's names are."""
    return tuple(dict.fromkeys(name.partition(".")[0] for name in part.names))


def parts_of(assignment: Assignment, misconception: Misconception) -> tuple[str, ...]:
    """Return the parts for which a student writes what a misconception replaces."""
    root = misconception.replaces.partition(".")[0]
    return tuple(part.id for part in assignment.parts if root in roots(part))


def with_both(suite: Suite, one: Misconception, other: Misconception) -> ModuleType:
    """Return the reference with two things replaced."""
    module = suite.module_with(one)
    owner, _, name = other.replaces.rpartition(".")
    setattr(getattr(module, owner) if owner else module, name, other.wrong)
    return module


def replaced(module: ModuleType, names: Iterable[str], by: Callable[[Any], Any]) -> ModuleType:
    """Return a module in which these names mean something else; what calls them inside still has the old ones."""
    changed = ModuleType(module.__name__)
    vars(changed).update(vars(module))
    for name in names:
        setattr(changed, name, by(getattr(module, name)))
    return changed


def alone(suite: Suite, part: Part) -> ModuleType:
    """Return the stub with nothing written but this part."""
    assignment = suite.assignment
    module = suite.load_candidate(assignment.folder / f"{assignment.module}.py")
    reference = suite.module_with()
    for root in roots(part):
        setattr(module, root, _without(getattr(reference, root), root, _others(assignment, part)))
    return module


def _others(assignment: Assignment, part: Part) -> set[str]:
    """Return the methods that a student writes for other parts and not for this one."""
    named = {name for other in assignment.parts for name in other.names if "." in name}
    return named - set(part.names)


def _without(thing: Any, root: str, names: Collection[str]) -> Any:
    for name in names:
        owner, _, method = name.partition(".")
        if owner == root:
            setattr(thing, method, _not_written(name))
    return thing


def _not_written(name: str) -> Callable[..., Any]:
    def raising(*_: Any, **__: Any) -> Any:
        raise NotImplementedError(name)

    return raising
