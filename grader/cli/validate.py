"""`grader validate`: prove that an assignment's checks catch what they should."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import manager_for, plugin_option
from grader.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pluggy import PluginManager

    from grader.course import Course
    from grader.model import Assignment
    from grader.proving.examination import Wanted
    from grader.proving.progress import Progress
    from grader.proving.proof import Proof


@click.command("validate")
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...")
@click.option("--seeds", type=click.IntRange(min=1), default=20, show_default=True, help="Inputs that are tried.")
@click.option("--only", multiple=True, metavar="RULE", help="Only this rule: see --list. May be repeated.")
@click.option("--list", "listing", is_flag=True, help="List the rules and what each demands; prove nothing.")
@click.option("--mutate", is_flag=True, help="Judge small changes to the reference too, and show those that pass.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only so many changes, always the same.")
@click.option("--verbose", is_flag=True, help="Show what fails each check, each misconception, and remarks.")
@click.option("--json", "file", type=click.Path(path_type=Path), metavar="FILE", help="Write all of it there as JSON.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Judgings at once.  [default: the cores]")
@click.option(
    "--no-sandbox", is_flag=True, help="Leave out what is handed in as files: for machines without bubblewrap."
)
@plugin_option
@click.pass_obj
def command(
    start: Path | None,
    assignments: tuple[str, ...],
    seeds: int,
    only: tuple[str, ...],
    listing: bool,
    mutate: bool,
    limit: int | None,
    verbose: bool,
    file: Path | None,
    jobs: int | None,
    no_sandbox: bool,
    plugins: tuple[str, ...],
) -> None:
    """Prove that the hidden checks of each ASSIGNMENT, or of all, catch what they should and nothing else.

    Right work has full marks and the stub none; every misconception loses what it should and is told as itself alone;
    liars earn nothing; every check is failed by something; no verdict depends on the inputs. What a proof may leave
    open is in the assignment's proof.toml, with reasons.

    Exit code: 0 proven, 1 something does not hold, 2 it could not run.

    \b
    grader validate 3
    grader validate 3 --only misconceptions --verbose
    grader validate --json proof.json
    """
    from rich.console import Console

    from grader.cli.run import cores
    from grader.course import find_course
    from grader.proving.examination import Wanted
    from grader.proving.progress import Progress
    from grader.proving.told import told
    from grader.proving.trials import Effort

    _refuse_unknown(only)
    if listing:
        click.echo("\n".join(_rules()))
        return
    course = find_course(start)
    manager = manager_for(course, plugins, quiet=True)
    found = _chosen(course, assignments)
    console, proofs = Console(highlight=False), []
    for assignment in found:
        with Progress(Console(stderr=True), assignment.id) as progress:
            wanted = Wanted(
                Effort(seeds=seeds),
                only,
                mutate,
                limit,
                jobs or cores(),
                progress.planned,
                progress.done,
                progress.mutating,
            )
            proofs.append(_proven(manager, course, assignment, wanted, progress, sandbox=not no_sandbox))
        console.print(told(proofs[-1], verbose=verbose))
    if file is not None:
        _write(file, proofs)
    if any(proof.findings for proof in proofs):
        raise click.exceptions.Exit(1)


def _proven(
    manager: PluginManager, course: Course, assignment: Assignment, wanted: Wanted, progress: Progress, *, sandbox: bool
) -> Proof:
    from grader.proving.examination import proven
    from grader.proving.handed_in import ID, handed_in
    from grader.proving.proof import Ruling

    submitted = None
    if not wanted.only or ID in wanted.only:
        progress.says("in the sandbox")
        submitted = (
            handed_in(manager, course, assignment, wanted.workers)
            if sandbox
            else Ruling(ID, left_out="left out: --no-sandbox")
        )
    progress.says("the reference")
    return proven(assignment, wanted, submitted)


def _chosen(course: Course, names: Sequence[str]) -> list[Assignment]:
    """Return the assignments that are named, or all that have a solution."""
    found = [course.assignment(name) for name in names or course.names]
    if not names:
        found = [assignment for assignment in found if assignment.solution is not None]
    if not found:
        raise Usage("no assignment of this course has a solution", place=course.root, step="write solutions/NN_slug/")
    return found


def _rules() -> list[str]:
    from grader.proving.examination import SAYS

    return [f"{click.style(f'{name:14}', bold=True)} {says}" for name, says in SAYS.items()]


def _refuse_unknown(only: Sequence[str]) -> None:
    from grader.proving.examination import SAYS
    from grader.schema import nearest

    for name in only:
        if name not in SAYS:
            meant = nearest(name, SAYS)
            step = f"did you mean {' or '.join(meant)}?" if meant else f"the rules are {', '.join(SAYS)}"
            raise Usage(f"there is no rule '{name}'", place="--only", step=step)


def _write(file: Path, proofs: Sequence[Proof]) -> None:
    import msgspec

    from grader.errors import ReportError

    try:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(proofs), indent=2) + b"\n")
    except OSError as error:
        raise ReportError(f"the proof cannot be written: {error.strerror}", place=file) from error
    click.echo(f"json   {file}")
