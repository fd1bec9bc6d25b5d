"""Writes a new assignment, and a course around it where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.course import find_course
from grader.errors import Usage
from grader.model import Assignment
from grader.names import FOLDER
from grader.teaching.scaffold.naming import Naming
from grader.teaching.scaffold.templates import of_a_course, of_an_assignment
from grader.teaching.source import generate

HALVES = ("assignments", "solutions")


def taken_names(root: Path) -> frozenset[str]:
    """Return the folders of assignments that a course has, in either half."""
    return frozenset(
        folder.name for half in HALVES for folder in (root / half).glob("*") if FOLDER.fullmatch(folder.name)
    )


def write_course(root: Path) -> tuple[Path, ...]:
    """Make a folder a course; return what was written. What is there is left alone."""
    texts = {root / name: text for name, text in of_a_course(root.name).items()}
    fresh = {path: text for path, text in texts.items() if not path.exists()}
    _write(fresh)
    return tuple(fresh)


def write_assignment(root: Path, naming: Naming) -> Assignment:
    """Write a whole assignment, generated files too, and return it as read from there.

    Raises:
        Usage: if a folder of this name is there. Nothing is ever written over.
    """
    for half in HALVES:
        if (root / half / naming.folder).exists():
            raise Usage("there is such a folder already", place=root / half / naming.folder, step="name another one")
    _write({root / name: text for name, text in of_an_assignment(naming).items()})
    assignment = find_course(root).assignment(naming.folder)
    _write(generate(assignment))
    return assignment


def _write(texts: Mapping[Path, str]) -> None:
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())  # the same bytes on every system
