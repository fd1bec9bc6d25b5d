"""Finds submissions: a path is one of them, or an inbox with a file or a folder for each student.

    ada.py  ada.ipynb  ada.zip  ada/stochastic.py       named after the student
    ada/03_stochastic_approximation/stochastic.ipynb    as nbgrader collects them

A folder that holds the assignment's module is one submission, any other an inbox. Where it has a folder with the
assignment's name, that is the inbox. The time of handing in is what nbgrader, git or the archive recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from grader.errors import Ungradable, Usage
from grader.hookspecs import hookimpl
from grader.intake import names
from grader.intake.record import Record, absolute
from grader.intake.tree import refuse_special
from grader.model import Assignment, Loaded, Submission

LEFT_BY_TEACHERS = (
    "readme*",
    "roster*",
    "submitted.*",
    "*.csv",
    "*.toml",
    "*.json",
    "*.html",
    "*.xml",
    "*.db",
    "*.log",
)


# ---- discover --------------------------------------------------------------------------------------------------


@hookimpl
def grader_discover(assignment: Assignment, path: Path) -> Sequence[Submission] | None:
    """Give the submissions at a path, in the order of their names."""
    try:
        return _discover(assignment, path.resolve() if path.is_symlink() else path)
    except OSError as error:
        raise Usage(f"this cannot be read: {error.strerror}", place=path, step="change its permissions") from None


def _discover(assignment: Assignment, path: Path) -> list[Submission]:
    if not path.is_dir():
        return [Submission(names.student(path.name), path, Record(path.parent).when(path))]
    folder = _own_folder(path, assignment) or path
    if _is_one(folder, assignment):
        found, record = [(_student_of(folder, assignment), folder)], Record(absolute(folder).parent)
    else:
        found, record = list(_in_inbox(folder, assignment)), Record(folder)
    return [
        Submission(student, place, record.when(place, collected=absolute(place).name in _called(assignment)))
        for student, place in found
    ]


def _is_one(folder: Path, assignment: Assignment) -> bool:
    """Say whether a folder is one submission: it holds the assignment's module."""
    return any((folder / f"{assignment.module}{end}").exists() for end in (names.MODULE, names.NOTEBOOK))


def _student_of(folder: Path, assignment: Assignment) -> str:
    """Return whose a single folder is. In nbgrader's layout the student's is the one above."""
    folder = folder.resolve()
    return names.student((folder.parent if folder.name in _called(assignment) else folder).name, folder=True)


def _called(assignment: Assignment) -> tuple[str, ...]:
    return assignment.id, assignment.slug, f"assignment{assignment.number}"


# ---- an inbox --------------------------------------------------------------------------------------------------


def _in_inbox(inbox: Path, assignment: Assignment) -> Iterator[tuple[str, Path]]:
    entries = [entry for entry in sorted(inbox.iterdir()) if _is_handed_in(entry)]
    collected = {entry: own for entry in entries if (own := _own_folder(entry, assignment))}
    name = next(iter(collected.values())).name if collected else ""
    for entry in entries:
        is_folder = _is_folder(entry)
        missing = entry / name if name and is_folder and _holds_only_folders(entry) else entry
        yield names.student(entry.name, folder=is_folder), collected.get(entry, missing)


def _is_handed_in(entry: Path) -> bool:
    """Say whether an entry of an inbox is somebody's work, or what a teacher or this program left there."""
    if names.is_passed_over([entry.name]):
        return False
    return _is_folder(entry) or not any(fnmatch(entry.name.lower(), pattern) for pattern in LEFT_BY_TEACHERS)


def _is_folder(entry: Path) -> bool:
    return entry.is_dir() and not entry.is_symlink()


def _own_folder(entry: Path, assignment: Assignment) -> Path | None:
    """Return the folder in this one that has the assignment's name: an inbox, or in a student's folder nbgrader's."""
    if not _is_folder(entry) or _is_one(entry, assignment):
        return None
    inside = (entry / name for name in _called(assignment))
    return next((folder for folder in inside if _is_folder(folder)), None)


def _holds_only_folders(folder: Path) -> bool:
    inside = [entry for entry in folder.iterdir() if not names.is_passed_over([entry.name])]
    return all(_is_folder(entry) for entry in inside)


# ---- what no other plugin loads --------------------------------------------------------------------------------


@hookimpl(trylast=True)
def grader_load(assignment: Assignment, path: Path) -> Loaded | None:
    """Say why a submission of no kind that is graded cannot be."""
    wanted = f"{assignment.module}.py or {assignment.module}.ipynb"
    if not path.exists() and not path.is_symlink():
        raise Ungradable(f"nothing was handed in: there is no {names.shown(path.name)}")
    refuse_special(path.lstat().st_mode, names.shown(path.name))
    raise Ungradable(f"{names.shown(path.name)} is no module, notebook, folder or archive: hand in {wanted}")
