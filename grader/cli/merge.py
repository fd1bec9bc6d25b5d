"""`grader merge`: the reports of several machines as one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import (
    feedback_option,
    manager_for,
    plugin_option,
    quiet_option,
    report_option,
    wanted_reports,
    write_reports,
)
from grader.course import Course, assignment_digest, find_course
from grader.errors import Usage

if TYPE_CHECKING:
    from grader.merging import Source
    from grader.model import Assignment
    from grader.schema import Feedback


@click.command("merge")
@click.argument("files", nargs=-1, metavar="FILE FILE...", type=click.Path(path_type=Path))
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="The same as --report json=FILE.")
@report_option
@feedback_option
@plugin_option
@quiet_option
@click.pass_obj
def command(
    start: Path | None,
    files: tuple[Path, ...],
    output: Path | None,
    reports: tuple[str, ...],
    feedback: Feedback | None,
    plugins: tuple[str, ...],
    quiet: bool,
) -> None:
    """Join reports that several machines wrote with --report json=FILE, such as one without a GPU and one with.

    What one left pending is filled in from another, and every score is worked out again. In whatever order, and
    however often, the same files give the same. Files that contradict each other are refused, and nothing is written.

    \b
    grader merge cpu.json gpu.json -o merged.json
    grader merge cpu.json gpu.json --report html=reports/ --report csv=grades.csv
    """
    from grader.merging import read_report
    from grader.pipeline import merge, show
    from grader.teaching.release import release

    if len(files) < 2:
        raise Usage("one report is nothing to join", step="grader merge cpu.json gpu.json -o merged.json")
    course = find_course(start)
    manager = manager_for(course, plugins, quiet=quiet)
    wanted = wanted_reports([*([f"json={output}"] if output else []), *reports], manager)
    sources = [read_report(file) for file in files]
    assignment = of_course(course, sources[0])
    gradesheet = release(
        merge(manager, assignment, sources, without_gpu=course.without_gpu), feedback or course.feedback
    )
    show(manager, gradesheet)
    write_reports(wanted, manager, gradesheet, quiet=quiet)


def of_course(course: Course, source: Source) -> Assignment:
    """Return the assignment that a report is of, as the course has it: its deadline bears on scores."""
    said = source.sheet.assignment
    assignment = course.assignment(said.id)
    if assignment_digest(assignment) != said.digest:
        problem = f"{source.name} is of another version of {said.id} than the course has: {said.digest[:12]}"
        step = "merge in the course as it was graded with, with its solutions, or grade again"
        raise Usage(problem, place=course.root, step=step)
    return assignment
