"""Who handed something in, and when: the names on files mapped to students.

A roster is a table in `course.toml`, or a CSV file with the columns `id` (the name of the file or folder that was
handed in) and `student`, and any number of columns named after assignments that hold the time of handing in.
The file of `--submitted` is CSV with the columns `student` (either name) and `submitted`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from msgspec import Struct, field, structs

from grader.errors import CourseError, UnknownAssignment
from grader.model import Submission
from grader.names import folder_called

Rows = list[dict[str, str]]


class Roster(Struct, frozen=True):
    """`students`: handed-in name → student. `times`: assignment's id → handed-in name → time."""

    students: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)

    def apply(self, assignment: str, submissions: Iterable[Submission]) -> tuple[Submission, ...]:
        """Give each submission its student's name, and the time of handing in where the roster knows it."""
        times = self.times.get(assignment, {})
        return tuple(self._known(submission, times) for submission in submissions)

    def _known(self, submission: Submission, times: Mapping[str, datetime]) -> Submission:
        handed_in = submission.student
        student = self.students.get(handed_in, handed_in)
        time = times.get(handed_in) or times.get(student) or submission.submitted
        return structs.replace(submission, student=student, submitted=time)


def read_roster(said: str | Mapping[str, str], root: Path, zone: tzinfo | None, assignments: Sequence[str]) -> Roster:
    """Read what `roster` in course.toml says: a table, or the path of a CSV file relative to the course."""
    if not isinstance(said, str):
        return Roster(students=said)
    file = root / said
    columns, rows = _read_csv(file, needed=("id", "student"))
    times = {}
    for column in columns[2:]:
        times[_assignment_of(column, assignments, file)] = _times(rows, "id", column, zone, file)
    return Roster(students={row["id"]: row["student"] or row["id"] for row in rows}, times=times)


def read_submitted(file: Path, roster: Roster, assignment: str, zone: tzinfo | None) -> Roster:
    """Return the roster with the times of a `--submitted` file, which win over its own."""
    _, rows = _read_csv(file, needed=("student", "submitted"))
    times = _times(rows, "student", "submitted", zone, file)
    of_students = {name: times[student] for name, student in roster.students.items() if student in times}
    known = {**roster.times.get(assignment, {}), **of_students, **times}
    return structs.replace(roster, times={**roster.times, assignment: known})


def rivals(submissions: Iterable[Submission]) -> dict[str, str]:
    """Return the students with more than one submission, each with the names of theirs."""
    names: dict[str, list[str]] = {}
    for submission in submissions:
        names.setdefault(submission.student, []).append(submission.path.name)
    return {student: " and ".join(theirs) for student, theirs in names.items() if len(theirs) > 1}


def aware(time: datetime, zone: tzinfo | None, place: Path, key: str) -> datetime:
    """Give a time its zone. Guessed, it could be hours away from what was meant."""
    if time.tzinfo is None and zone is None:
        step = 'write 2026-01-31T23:59:00+08:00, or add timezone = "Asia/Shanghai" to course.toml'
        raise CourseError(f"{key}: the time has no time zone", place=place, step=step)
    return time if time.tzinfo else time.replace(tzinfo=zone)


def _read_csv(file: Path, needed: tuple[str, str]) -> tuple[list[str], Rows]:
    """Return the columns, the needed ones first, and the rows, stripped."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            rows = [{k: (v or "").strip() for k, v in row.items() if k} for row in reader]
            columns = list(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        step = "write a CSV file in UTF-8 there"
        raise CourseError(f"{file.name} cannot be read: {error}", place=file, step=step) from None
    missing = [column for column in needed if column not in columns]
    if missing:
        step = f"its first line should be {','.join(needed)}"
        raise CourseError(f"there is no column '{missing[0]}'", place=file, step=step)
    _refuse_contradictions(rows, needed[0], file)
    return [*needed, *(column for column in columns if column and column not in needed)], rows


def _refuse_contradictions(rows: Rows, who: str, file: Path) -> None:
    """Raise a CourseError where two rows of one name differ: the grader does not guess which was meant."""
    first: dict[str, tuple[int, dict[str, str]]] = {}
    for line, row in enumerate(rows, 2):
        before, same = first.setdefault(row[who], (line, row))
        if row[who] and row != same:
            problem = f"line {line}: {who}: '{row[who]}' is in line {before} too, with something else"
            raise CourseError(problem, place=file, step="delete the one or the other")


def _times(rows: Rows, who: str, column: str, zone: tzinfo | None, file: Path) -> dict[str, datetime]:
    times = {}
    for line, row in enumerate(rows, 2):
        if row.get(column):
            times[row[who]] = _time(row[column], zone, file, f"line {line}: {column}")
    return times


def _time(text: str, zone: tzinfo | None, file: Path, key: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise CourseError(f"{key}: '{text}' is no time", place=file, step="write 2026-01-31T23:59:00+08:00") from None
    return aware(time, zone, file, key)


def _assignment_of(column: str, assignments: Sequence[str], file: Path) -> str:
    try:
        return folder_called(column, assignments, file)
    except UnknownAssignment as error:
        raise CourseError(f"the column '{column}' is no assignment's", place=file, step=error.step) from None
