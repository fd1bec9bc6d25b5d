"""`grader list`: the course's assignments."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.table import print_table
from grader.course import Course, find_course
from grader.errors import CourseError
from grader.model import Assignment, Tier

HEADINGS = ("", "name", "title", "points", "hours", "due", "")


@click.command("list")
@click.pass_obj
def command(start: Path | None) -> None:
    """List the course's assignments, with their points, hours and deadlines.

    \b
    grader list
    grader --course ~/teaching/optimisation list
    """
    course = find_course(start)
    rows, broken = [], []
    for name in course.names:
        try:
            rows.append(_cells(course, course.assignment(name)))
        except CourseError as error:
            broken.append(error)
            rows.append(
                (str(int(name.split("_")[0])), name.split("_", 1)[1], "cannot be read, see below", "", "", "", "")
            )
    print_table(HEADINGS, rows, title=course.title)
    for mistake in broken:
        click.echo(str(mistake), err=True)
    if broken:
        raise click.exceptions.Exit(2)


def _cells(course: Course, assignment: Assignment) -> tuple[str, ...]:
    gpu = sum(part.points for part in assignment.parts if part.tier is Tier.GPU)
    stretch = sum(part.points for part in assignment.parts if part.tier is Tier.STRETCH)
    return (
        str(assignment.number),
        assignment.slug,
        assignment.title_zh if course.language == "zh" and assignment.title_zh else assignment.title,
        f"{assignment.possible - gpu:g}" + (f" + {gpu:g} GPU" if gpu else "") + (f" + {stretch:g}" if stretch else ""),
        f"{assignment.hours:g}" if assignment.hours else "",
        f"{assignment.due:%Y-%m-%d %H:%M %Z}" if assignment.due else "",
        "" if assignment.solution else "handout only",
    )
