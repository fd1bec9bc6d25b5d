"""`grader build`: the stubs and notebooks, from the one source of each assignment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from grader.course import find_course


@click.command("build")
@click.argument("assignment", required=False)
@click.option("--check", is_flag=True, help="Write nothing; list the stale files and exit with 1 if there are any.")
@click.pass_obj
def command(course: Path | None, assignment: str | None, check: bool) -> None:
    """Make the stub module, the stub notebook and the solution notebook of ASSIGNMENT, or of each that has a solution.

    The source is solutions/NN_slug/MODULE.py, cells marked with `# %%`. What stands between `# BEGIN SOLUTION` and
    `# END SOLUTION` becomes `raise NotImplementedError` in the stub, or nothing where it is a whole top-level helper.
    """
    from grader.teaching.source import generate, stale

    found = find_course(course)
    wanted = (found.assignment(assignment),) if assignment else found.assignments
    built = [one for one in wanted if assignment or one.solution is not None]
    if not built:
        click.echo(_nothing(len(wanted)))
        return
    generated: dict[Path, str] = {}
    for one in built:
        generated |= generate(one)
    old = stale(generated)
    if not check:
        write(generated, old)
    for path in old:
        click.echo(f"{'stale' if check else 'wrote'} {_below(path, found.root)}")
    if check and old:
        click.echo(f"{len(old)} of {len(generated)} files are stale: run grader build", err=True)
        raise click.exceptions.Exit(1)
    if not old:
        click.echo(f"{len(generated)} files, all up to date")


def _nothing(assignments: int) -> str:
    if not assignments:
        return 'nothing to build: the course has no assignment yet, and grader new "Title" writes one'
    return "nothing to build: no solution is here, and stubs and notebooks are made from solutions"


def write(generated: Mapping[Path, str], paths: tuple[Path, ...]) -> None:
    """Write these of the generated files, with the same bytes on every system."""
    for path in paths:
        path.write_bytes(generated[path].encode())


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
