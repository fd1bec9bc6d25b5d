"""`grader show`: a stored report again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import (
    db_option,
    feedback_option,
    gradebook_of,
    manager_for,
    plugin_option,
    report_option,
    wanted_reports,
    write_reports,
)
from grader.cli.table import print_table
from grader.course import Course, assignment_digest, find_course
from grader.errors import Usage

if TYPE_CHECKING:
    from grader.gradebook import Gradebook, StoredAttempt
    from grader.model import Gradesheet
    from grader.schema import Feedback


@click.command("show")
@click.argument("what", required=False, metavar="[ATTEMPT|ASSIGNMENT]")
@click.argument("student", required=False)
@report_option
@feedback_option
@db_option
@plugin_option
@click.pass_obj
def command(
    start: Path | None,
    what: str | None,
    student: str | None,
    reports: tuple[str, ...],
    feedback: Feedback | None,
    db: str | None,
    plugins: tuple[str, ...],
) -> None:
    """Show a stored report again: an attempt's by its number, or the latest of an assignment's students.

    A number alone is an attempt; before a STUDENT it is an assignment. Without any of them, all attempts are listed.

    \b
    grader show 17
    grader show assignment3
    grader show 3 ada --report html=ada/
    """
    from grader.gradebook import open_gradebook
    from grader.pipeline import show
    from grader.teaching.release import release

    course = find_course(start)
    manager = manager_for(course, plugins)
    wanted = wanted_reports(reports, manager)
    with open_gradebook(gradebook_of(course, db), create=False) as gradebook:
        if what is None:
            list_attempts(gradebook.attempts(latest=False))
            return
        gradesheet = release(stored(course, gradebook, what, student), feedback or course.feedback)
    show(manager, gradesheet)
    write_reports(wanted, manager, gradesheet, quiet=False)


def list_attempts(attempts: Sequence[StoredAttempt]) -> None:
    """Print a line for each attempt."""
    headings = ("attempt", "assignment", "student", "points", "status", "recorded")
    print_table(headings, map(_cells, attempts))


def _cells(attempt: StoredAttempt) -> tuple[str, ...]:
    report = attempt.report
    graded = report.status == "graded"
    return (
        str(attempt.id),
        attempt.assignment,
        report.student,
        f"{report.earned:g} of {report.possible:g}" if graded else "-",
        report.status.value + (f" (only {attempt.only})" if attempt.only else ""),
        f"{attempt.recorded.astimezone():%Y-%m-%d %H:%M}",
    )


def stored(course: Course, gradebook: Gradebook, what: str, student: str | None) -> Gradesheet:
    """Return what was asked for, in the form of a run."""
    if what.isdecimal() and student is None:
        attempt = gradebook.attempt(int(what))
        if int(what) in (int(name.split("_", 1)[0]) for name in course.names):
            click.echo(f"this is attempt {what}; the class of the assignment: grader show assignment{what}", err=True)
        return gradesheet_of(course, attempt.assignment, [attempt])
    assignment = course.assignment(what).id
    named = course.roster.students.get(student, student) if student else None
    attempts = gradebook.attempts(assignment, student) or gradebook.attempts(assignment, named)
    if not attempts:
        raise nothing_stored(gradebook, assignment, student)
    return gradesheet_of(course, assignment, attempts)


def nothing_stored(gradebook: Gradebook, assignment: str, student: str | None) -> Usage:
    """Say what is not there; a student gets the nearest names."""
    from grader.schema import nearest

    if student is None:
        return Usage(f"no attempt at {assignment} is stored", place=gradebook.place, step="grade it with grader run")
    known = [attempt.report.student for attempt in gradebook.attempts(assignment)]
    meant = nearest(student, known)
    step = f"did you mean {' or '.join(meant)}?" if meant else f"see grader show {assignment}"
    return Usage(f"no attempt of '{student}' at {assignment} is stored", place=gradebook.place, step=step)


def gradesheet_of(course: Course, assignment: str, attempts: Sequence[StoredAttempt]) -> Gradesheet:
    """Return stored reports in the form of a run, which every report format takes."""
    from grader.environment import environment
    from grader.merging import joined
    from grader.model import AssignmentSummary, Gradesheet
    from grader.teaching.sections import sections

    found = course.assignment(assignment)
    return Gradesheet(
        assignment=AssignmentSummary.of(found, assignment_digest(found), sections(found)),
        submissions=tuple(attempt.report for attempt in attempts),
        started=min(attempt.recorded for attempt in attempts),
        seconds=0.0,
        sandbox=attempts[0].report.sandbox,
        environment=environment(),
        language=course.language,
        machine=joined(*(attempt.report.machine for attempt in attempts)) or "cpu",
    )
