"""The help of every command, as click writes it."""

from __future__ import annotations

from importlib import import_module

import click

from grader.cli import COMMANDS, main

WIDTH = 100


def every_command() -> dict[str, click.Command]:
    """Return the commands by what one types, in the order of `grader --help`."""
    of_the_group = {f"grader {name}": import_module(f"grader.cli.{name}").command for name in COMMANDS}
    return {"grader": main, **of_the_group}


def written() -> str:
    """Write each command with its help."""
    return "\n".join(
        f"## {name}\n\n```text\n{help_of(name, command)}\n```\n" for name, command in every_command().items()
    )


def help_of(name: str, command: click.Command) -> str:
    """Return the help of a command on a terminal of one width, whatever this one has."""
    context = click.Context(command, info_name=name, terminal_width=WIDTH, **command.context_settings)
    context.help_option_names = ["-h", "--help"]  # a command in its group has these from the group
    with context:
        return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
