"""Options that several commands have, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from grader.course import Course
from grader.errors import Usage
from grader.schema import Feedback

if TYPE_CHECKING:
    from pluggy import PluginManager

    from grader.model import Gradesheet

Command = TypeVar("Command", bound=Callable[..., Any])

DISPLAY = "grader_console"

plugin_option = click.option(
    "-p",
    "plugins",
    multiple=True,
    metavar="NAME",
    help="Add a plugin: an importable name or a .py file. no:NAME leaves one out. May be repeated.",
)
db_option = click.option(
    "--db",
    metavar="URL",
    help="The gradebook: a path, or postgresql://USER@HOST/DATABASE.  [default: the course's gradebook.sqlite]",
)
report_option = click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="KIND=FILE",
    help="Write a report: json=FILE, csv=FILE, junit=FILE, html=DIR, and what plugins add. May be repeated.",
)
feedback_option = click.option(
    "--feedback",
    type=click.Choice(get_args(Feedback)),
    help="What students may read; `full` is for the instructor.  [default: the course's, or hints]",
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print nothing but what is wrong.")


def manager_for(course: Course | None, plugins: Iterable[str] = (), *, quiet: bool = False) -> PluginManager:
    """Return a manager with the plugins of `-p` and, last, the course's own; quiet, without the display."""
    from grader.manager import asked_for, build_manager, of_course

    extra, blocked = asked_for(plugins)
    manager = build_manager(
        extra=(*of_course(extra, Path.cwd()), *(of_course(course.plugins, course.root) if course else ())),
        blocked=blocked,
        settings=course.settings if course else None,
    )
    if quiet and manager.has_plugin(DISPLAY):
        manager.unregister(name=DISPLAY)
    return manager


def gradebook_of(course: Course, db: str | None) -> str | Path:
    """Return where the gradebook is."""
    from grader.gradebook import GRADEBOOK_FILE

    return db or course.root / GRADEBOOK_FILE


def wanted_reports(reports: Iterable[str], manager: PluginManager) -> list[tuple[str, Path]]:
    """Take `KIND=FILE` apart; an unknown kind is a Usage error before any work is done."""
    from grader.pipeline import known_kind

    wanted = []
    for report in reports:
        kind, equals, file = report.partition("=")
        if not (kind and equals and file):
            raise Usage(f"--report {report}: that is not KIND=FILE", step="write --report json=FILE, for example")
        wanted.append((known_kind(manager, kind), Path(file)))
    return wanted


def write_reports(
    wanted: Iterable[tuple[str, Path]], manager: PluginManager, gradesheet: Gradesheet, *, quiet: bool
) -> None:
    """Write the reports and print where they are; one that cannot be written does not stop the others."""
    from grader.errors import GraderError
    from grader.pipeline import write_report

    failed = None
    for kind, destination in wanted:
        try:
            written = write_report(manager, kind, destination, gradesheet)
        except GraderError as error:
            failed = failed or error
            click.echo(str(error), err=True)
        else:
            if not quiet and written:
                click.echo(f"{kind:6} {written[0]}")
    if failed is not None:
        raise click.exceptions.Exit(2)
