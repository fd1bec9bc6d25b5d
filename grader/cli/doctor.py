"""`grader doctor`: can this machine confine, fork, time out?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from grader.cli.options import manager_for, plugin_option
from grader.cli.plugins import course_if_any

if TYPE_CHECKING:
    from pluggy import PluginManager

    from grader.work import Finding

MARKS = {"ok": ("✓", "green"), "missing": ("–", "yellow"), "broken": ("✗", "red")}


@click.command("doctor")
@plugin_option
@click.pass_obj
def command(start: Path | None, plugins: tuple[str, ...]) -> None:
    """Examine this machine for what grading needs, by doing it; say what to do where something is missing.

    Exits with 1 if something that grading needs is not there.
    """
    failed = False
    for finding in findings(manager_for(course_if_any(start), plugins)):
        mark, colour = MARKS[finding.state]
        click.echo(f"{click.style(mark, fg=colour)} {finding.subject}: {finding.detail}")
        if finding.state != "ok" and finding.step:
            click.echo(f"  try  {finding.step}")
        failed = failed or finding.state != "ok"
    if failed:
        raise click.exceptions.Exit(1)


def findings(manager: PluginManager) -> Iterator[Finding]:
    """Yield each plugin's findings as they come; one that breaks is itself a finding."""
    from grader.work import Finding

    for answer in manager.hook.grader_doctor.get_hookimpls():
        try:
            yield from cast(Iterable[Finding], answer.function())
        except Exception as error:
            said = f"its examination broke: {type(error).__name__}: {error}"
            yield Finding(subject=answer.plugin_name, state="broken", detail=said, step="report this as a bug")
