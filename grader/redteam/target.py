"""The course that is attacked: a copy of one assignment, with canaries in it and limits that make bombs cheap."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from msgspec import structs

from grader.course import Course, find_course
from grader.model import Assignment, Limits
from grader.redteam.canary import Canaries, sow

LOAD_SECONDS = 5.0
CALL_SECONDS = 3.0
SUBMISSION_SECONDS = 20.0
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".*")


def target(assignment: Assignment, folder: Path, canaries: Canaries) -> tuple[Course, Assignment]:
    """Copy the assignment into a course of its own in `folder`, and return both as read from there."""
    assert assignment.solution is not None
    shutil.copytree(assignment.folder, folder / "assignments" / assignment.id, ignore=NOT_COPIED)
    shutil.copytree(assignment.solution, folder / "solutions" / assignment.id, ignore=NOT_COPIED)
    (folder / "course.toml").write_text('title = "A course under attack"\n')
    _tighten(folder / "assignments" / assignment.id / "assignment.toml", assignment.limits)
    sow(canaries, folder)
    course = find_course(folder)
    return course, course.assignment(assignment.id)


def _tighten(file: Path, limits: Limits) -> None:
    """Write limits of time into the file that are no longer than these."""
    tight = structs.replace(
        limits,
        load_seconds=min(limits.load_seconds, LOAD_SECONDS),
        call_seconds=min(limits.call_seconds, CALL_SECONDS),
        submission_seconds=min(limits.submission_seconds, SUBMISSION_SECONDS),
    )
    text = re.sub(r"^\[limits\]\n(?:(?!\[).*\n)*", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    table = "".join(f"{name} = {value}\n" for name, value in structs.asdict(tight).items())
    file.write_text(f"{text}\n[limits]\n{table}", encoding="utf-8")
