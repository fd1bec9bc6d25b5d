"""The command line: one file a command, each with a click command called `command`.

A command's module is imported only when it is asked for, and imports torch, SQLAlchemy and pytest only when it runs.
A GraderError is printed without a traceback and ends with exit code 2; anything else is our bug and keeps its own.
"""

from __future__ import annotations

import errno
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from grader import __version__
from grader.errors import GraderError, Usage
from grader.schema import nearest

COMMANDS = {  # in the order of `grader --help`, with its line there: so that help imports no command
    "run": "Grade what students handed in.",
    "check": "Run an assignment's public checks on your own work.",
    "list": "List the course's assignments.",
    "show": "Show a stored report again.",
    "merge": "Join the reports of several machines.",
    "replay": "Run one check of an attempt again, on the same inputs.",
    "validate": "Prove that an assignment's checks catch what they should.",
    "redteam": "Attack an assignment with hostile submissions.",
    "new": "Begin an assignment: one tiny part that is whole.",
    "build": "Make stubs and notebooks from the solutions.",
    "release": "Pack what students get, and show that no solution is in it.",
    "plugins": "List the active plugins and what each does.",
    "doctor": "Examine this machine for what grading needs.",
}


class Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """Name every command, in the order of the help."""
        return [*COMMANDS]  # once imported, `list` is a command here

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 click's signature
        """Import the module of a command."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"grader.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Look a command up; an unknown one gets the nearest."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            meant = nearest(args[0], COMMANDS)
            step = f"did you mean {' or '.join(meant)}?" if meant else "see grader --help"
            raise Usage(f"there is no command '{args[0]}'", step=step)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what a person caused is printed without a traceback."""
        try:
            return super().invoke(ctx)
        except GraderError as error:
            code, _, rest = str(error).partition(":")
            click.echo(click.style(code, fg="red", bold=True) + ":" + rest, err=True)
            ctx.exit(2)
        except OSError as error:
            if error.errno != errno.ENOSPC or error.filename:  # a closed pipe is click's to answer
                raise
            click.echo("the output cannot be written: no space left on the device", err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(130)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="grader")
@click.option(
    "--course",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The course's folder. Without it: the nearest folder upward that has a course.toml or assignments/.",
)
@click.pass_context
def main(ctx: click.Context, course: Path | None) -> None:
    """Grade deep-learning assignments: hidden checks, kept away from the code that they check.

    \b
    grader run assignment3              grade submissions/03_.../
    grader run 3 inbox/ --report html=reports/
    grader check 3                      a student's own run of the public checks
    """
    ctx.obj = course
