"""`grader plugins`: what is active, and what each does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.options import manager_for, plugin_option
from grader.cli.table import print_table
from grader.course import Course, find_course
from grader.errors import CourseError

if TYPE_CHECKING:
    from pluggy import PluginManager


@click.command("plugins")
@plugin_option
@click.pass_obj
def command(start: Path | None, plugins: tuple[str, ...]) -> None:
    """List the active plugins: which hooks each implements, and from where it comes.

    The last in the list is asked first.

    \b
    grader plugins
    grader plugins -p no:grader_late
    """
    course = course_if_any(start)
    manager = manager_for(course, plugins)
    active = [(name, plugin) for name, plugin in manager.list_name_plugin() if plugin is not None]
    rows = [(name, ", ".join(hooks_of(manager, plugin)), origin(name, course)) for name, plugin in active]
    print_table(("plugin", "hooks", "from"), rows)


def course_if_any(start: Path | None) -> Course | None:
    """Return the course, or None if one stands in none and named none."""
    try:
        return find_course(start)
    except CourseError as error:
        if start is None and error.problem.startswith("neither"):
            return None
        raise


def hooks_of(manager: PluginManager, plugin: Any) -> list[str]:
    """Return the hooks that a plugin implements, without their common prefix."""
    callers = manager.get_hookcallers(plugin) or ()
    return sorted(caller.name.removeprefix("grader_") for caller in callers)


def origin(name: str, course: Course | None) -> str:
    """Say who asked for a plugin."""
    from importlib.metadata import entry_points

    from grader.manager import DEFAULT_PLUGINS, GROUP, name_of, of_course

    if name in DEFAULT_PLUGINS:
        return "the grader"
    if course and name in map(name_of, of_course(course.plugins, course.root)):
        return "course.toml"
    for point in entry_points(group=GROUP, name=name):
        return f"{point.dist.name} {point.dist.version}" if point.dist else "installed"
    return "-p"
