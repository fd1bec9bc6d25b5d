"""`grader release`: what students get of an assignment, as one zip, with nothing of the solution in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.course import find_course
from grader.errors import ReportError, Usage

if TYPE_CHECKING:
    from grader.teaching.bundle.lint import Finding


@click.command("release")
@click.argument("assignment")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to.  [default: NN_slug.zip, here]"
)
@click.pass_obj
def command(course: Path | None, assignment: str, output: Path | None) -> None:
    """Pack the handout of ASSIGNMENT: texts, stub, notebook, public checks and data, the same bytes each time.

    First every file, cell and output is compared with the solution, the hidden checks, the wrong answers and the
    other right ones; nothing is written while anything of them is found, a generated file is stale, a notebook was
    run, or a folder of your machine is named.

    \b
    grader release 3
    grader release 3 --output site/stochastic.zip
    """
    from grader.teaching.bundle.archive import zipped
    from grader.teaching.bundle.contents import contents
    from grader.teaching.bundle.lint import findings

    found = find_course(course).assignment(assignment)
    destination = (output or Path(f"{found.id}.zip")).resolve()
    if destination.is_relative_to(found.folder):
        raise Usage("the zip would lie in what it packs", place=destination, step="name another place with --output")
    inside = contents(found)
    if leaks := findings(found, inside.files):
        _refuse(leaks, found.id)
    data = zipped(inside.files, found.id)
    _write(destination, data)
    _tell(inside.files, inside.left_out)
    click.echo(
        f"wrote {output or destination.name}: {len(inside.files)} files, {_size(len(data))}; no solution in them"
    )


def _refuse(leaks: Iterable[Finding], name: str) -> None:
    for leak in leaks:
        click.echo(f"{click.style(leak.where, bold=True)} {leak.problem}", err=True)
    click.echo(f"nothing was written: mend this in assignments/{name}", err=True)
    raise click.exceptions.Exit(1)


def _write(destination: Path, data: bytes) -> None:
    from grader.outfile import write_whole

    try:
        write_whole(destination, data)
    except ReportError as error:
        problem = str(error.__cause__ or "a folder is there")
        raise Usage(f"the zip cannot be written: {problem}", place=destination, step="use --output") from error


def _tell(files: Mapping[str, bytes], left_out: Iterable[str]) -> None:
    for name in sorted(files):
        click.echo(f"{_size(len(files[name])):>9}  {name}")
    for name in left_out:
        click.echo(f"{'left out':>9}  {name}")


def _size(number: int) -> str:
    return f"{number} B" if number < 1000 else f"{number / 1000:.1f} kB" if number < 1e6 else f"{number / 1e6:.1f} MB"
