"""Which of several files is the one that an assignment asks for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from grader.errors import Ungradable
from grader.intake import limits
from grader.intake.names import MODULE, NOTEBOOK, is_source, listed, shown
from grader.intake.notebook import read_cells
from grader.intake.tree import read_file
from grader.model import Assignment

NOT_THE_WORK = {"conftest.py", "setup.py", "__init__.py", "__main__.py"}


def choose(files: Mapping[str, bytes], assignment: Assignment, place: str) -> str:
    """Return the name of the file that is meant: the assignment's module, or else the only one that it can be.

    The files nearest to the top are asked first. A stub that was handed out and came back unchanged is not meant
    where there is another.

    Raises:
        Ungradable: if there is none, or more than one.
    """
    by_name = [name for name in files if _is_called(name, assignment.module)]
    for found in (by_name, [name for name in files if _could_be(name)]):
        highest = min(map(_depth, found), default=0)
        top = [name for name in found if _depth(name) == highest]
        worked_on = [name for name in top if not _is_stub(name, files[name], assignment)]
        meant = worked_on or sorted(top, key=_is_module, reverse=True)[:1]
        if len(meant) == 1:
            return meant[0]
        if meant:
            step = f"hand in one, called {assignment.module}.py or {assignment.module}.ipynb"
            count = "two" if len(meant) == 2 else str(len(meant))
            raise Ungradable(f"{place} holds {count} files that could be meant, {listed(sorted(meant))}: {step}")
    wanted = f"{assignment.module}.py or {assignment.module}.ipynb"
    if not files:
        raise Ungradable(f"nothing was handed in: {place} is empty, and {wanted} was asked for")
    raise Ungradable(f"{place} holds no {wanted}, only {listed(sorted(files))}: hand in one of the two")


def _is_called(name: str, module: str) -> bool:
    path = PurePosixPath(name)
    return is_source(name) and path.stem == module


def _could_be(name: str) -> bool:
    """Say whether a file may be a student's work under another name: a test that was handed out is not."""
    path = PurePosixPath(name)
    is_test = path.stem.startswith("test_") or path.stem.endswith("_test")
    return is_source(name) and not is_test and path.name not in NOT_THE_WORK


def _depth(name: str) -> int:
    return name.count("/")


def _is_module(name: str) -> bool:
    return name.lower().endswith(MODULE)


def _is_stub(name: str, data: bytes, assignment: Assignment) -> bool:
    """Say whether this is the stub as it was handed out. A notebook's is known by its code."""
    end = MODULE if _is_module(name) else NOTEBOOK
    handed_out = assignment.folder / f"{assignment.module}{end}"
    if not handed_out.is_file():
        return False
    return _code(data, end) == _code(read_file(handed_out, limits.NOTEBOOK), end)


def _code(data: bytes, end: str) -> object:
    if end == MODULE:
        return data.replace(b"\r\n", b"\n").strip()
    try:
        return [cell.source for cell in read_cells(data, shown("notebook"))]
    except Ungradable:
        return data
