"""`grader run`: grade what students handed in."""

from __future__ import annotations

import logging
import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import click

from grader.cli.options import (
    db_option,
    feedback_option,
    gradebook_of,
    manager_for,
    plugin_option,
    quiet_option,
    report_option,
    wanted_reports,
    write_reports,
)
from grader.course import Course, find_course
from grader.errors import Usage
from grader.schema import Feedback, Language

if TYPE_CHECKING:
    from grader.gradebook import Gradebook
    from grader.model import Assignment, Gradesheet
    from grader.roster import Roster


@click.command("run")
@click.argument("assignment")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Submissions at once.  [default: the cores]"
)
@report_option
@feedback_option
@db_option
@click.option("--fresh", is_flag=True, help="Grade all again, also what the gradebook has a result for.")
@click.option("--only", default="", metavar="PART|MARK", help="Only the checks of this part, or with this pytest mark.")
@click.option("--seed", type=int, metavar="N", help="Draw hidden inputs from N, and not from the course's secret.")
@click.option(
    "--pretend-gpu",
    type=click.Choice(["cpu"]),
    help="Run the checks that need a GPU there, to try them; nothing is recorded, and reports say so.",
)
@plugin_option
@click.option(
    "--sandbox",
    default="bwrap",
    show_default=True,
    metavar="NAME",
    help="What confines student code; `none` is for your own.",
)
@click.option(
    "--submitted",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="When each was handed in: CSV with the columns student and submitted.",
)
@click.option("--language", type=click.Choice(get_args(Language)), help="Of the reports.  [default: the course's]")
@click.option("--fail-under", type=float, metavar="POINTS", help="Exit with 1 if a submission has fewer points.")
@quiet_option
@click.pass_obj
def command(
    start: Path | None,
    assignment: str,
    paths: tuple[Path, ...],
    jobs: int | None,
    reports: tuple[str, ...],
    feedback: Feedback | None,
    db: str | None,
    fresh: bool,
    only: str,
    seed: int | None,
    pretend_gpu: Literal["cpu"] | None,
    plugins: tuple[str, ...],
    sandbox: str,
    submitted: Path | None,
    language: Language | None,
    fail_under: float | None,
    quiet: bool,
) -> None:
    """Grade what students handed in for ASSIGNMENT: a number, assignment3, a folder's name or its slug.

    PATH is one submission, or a folder of them; without it, submissions/NN_slug/ of the course. A second run grades
    only what changed. Ctrl-C loses nothing that was finished.

    \b
    grader run 3
    grader run assignment3 inbox/ --report html=reports/ --report csv=grades.csv
    grader run stochastic_approximation inbox/ada.py --only mean --fresh
    """
    from rich.console import Console

    from grader.pipeline import Interrupted, Options, grade
    from grader.teaching.release import release
    from grader_progress import Progress

    logging.basicConfig(format="%(message)s")
    course = find_course(start)
    found = course.assignment(assignment)
    manager = manager_for(course, plugins, quiet=quiet)
    wanted = wanted_reports(reports, manager)
    options = Options(
        workers=jobs or cores(),
        sandbox=sandbox,
        fresh=fresh,
        only=only,
        seed=seed,
        pretend_gpu=pretend_gpu or "",
        language=language or course.language,
        without_gpu=course.without_gpu,
        feedback=feedback or course.feedback,
        roster=roster(course, found, submitted),
    )
    try:
        progress = Progress(Console(stderr=True), quiet=quiet)
        with recorded_in(course, db, pretend_gpu) as gradebook, progress:
            manager.register(progress, "grader_progress")
            where = paths or (inbox(course, found),)
            gradesheet = grade(manager, course, found, where, gradebook=gradebook, options=options)
    except Interrupted as stop:
        kept = ", and nothing kept" if pretend_gpu else " and kept; the same command goes on with the rest"
        click.echo(f"{stop.done} of {stop.total} graded{kept}", err=True)
        raise click.exceptions.Exit(130) from None
    write_reports(wanted, manager, release(gradesheet, options.feedback), quiet=quiet)
    if not quiet and len(gradesheet.submissions) > 1 and any(path.is_dir() for path in where):
        name_absent(options.roster, gradesheet)
    if fail_under is not None:
        hold_to(fail_under, gradesheet)


def recorded_in(course: Course, db: str | None, pretend_gpu: str | None) -> AbstractContextManager[Gradebook | None]:
    """Return the gradebook of a run; none for one that pretends."""
    from grader.gradebook import open_gradebook

    if pretend_gpu and db:
        raise Usage("what is pretended is recorded in no gradebook", place="--pretend-gpu", step="leave out --db")
    return nullcontext() if pretend_gpu else open_gradebook(gradebook_of(course, db))


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def inbox(course: Course, assignment: Assignment) -> Path:
    """Return the folder of submissions where no PATH was given."""
    folder = course.root / "submissions" / assignment.id
    if not folder.is_dir():
        raise Usage("no PATH was given, and this folder is missing", place=folder, step="name what was handed in")
    return folder


def roster(course: Course, assignment: Assignment, submitted: Path | None) -> Roster:
    """Return the course's roster, with the times of `--submitted`."""
    from grader.roster import read_submitted

    if submitted is None:
        return course.roster
    return read_submitted(submitted, course.roster, assignment.id, course.timezone)


def name_absent(roster: Roster, gradesheet: Gradesheet) -> None:
    """Name those of the roster of whom nothing is in the inbox."""
    here = {report.student for report in gradesheet.submissions}
    absent = [student for student in dict.fromkeys(roster.students.values()) if student not in here]
    if absent:
        click.echo(f"on the roster, and nothing handed in: {', '.join(absent)}", err=True)


def hold_to(points: float, gradesheet: Gradesheet) -> None:
    """Exit with 1 if a submission has fewer points; pending ones may still come."""
    below = [report for report in gradesheet.submissions if report.earned + report.pending < points]
    for report in below:
        click.echo(f"{report.student} has {report.earned:g} points, fewer than {points:g}", err=True)
    if below:
        raise click.exceptions.Exit(1)
