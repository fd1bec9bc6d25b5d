"""The files of an assignment that go to students."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from grader.errors import CourseError
from grader.model import Assignment

LEFT_BY_A_RUN = {"__pycache__"}
SUFFIXES_LEFT_BY_A_RUN = {".pyc", ".pyo"}


class Contents(Struct, frozen=True):
    """What goes into the bundle, by its path in the handout's folder, sorted; and what is there and stays behind."""

    files: dict[str, bytes]
    left_out: tuple[str, ...]


def contents(assignment: Assignment) -> Contents:
    """Read the handout's folder, without hidden files and what a run leaves.

    Raises:
        CourseError: if a link is in it, or what is no file: nobody sees from there what students would get.
    """
    folder = assignment.folder
    files: dict[str, bytes] = {}
    left_out: list[Path] = []
    for path in _below(folder, left_out):
        if path.is_symlink() or not path.is_file():
            step = "put a copy of the file there, or take it out"
            raise CourseError("a link, or no ordinary file, is in the handout", place=path, step=step)
        files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return Contents(files, tuple(path.relative_to(folder).as_posix() for path in left_out))


def _below(folder: Path, left_out: list[Path]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in LEFT_BY_A_RUN or path.suffix in SUFFIXES_LEFT_BY_A_RUN:
            left_out.append(path)
        elif path.is_dir() and not path.is_symlink():
            yield from _below(path, left_out)
        else:
            yield path
