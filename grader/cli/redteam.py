"""`grader redteam`: hand hostile submissions in to an assignment, and see what they earn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import manager_for, plugin_option

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grader.redteam.attack import Attack
    from grader.redteam.raid import Raid, Struck


@click.command("redteam")
@click.argument("assignment", required=False)
@click.option(
    "--attack", "names", multiple=True, metavar="NAME", help="Only this attack, or this kind. May be repeated."
)
@click.option("--list", "listing", is_flag=True, help="List the attacks and what each tries; run none.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Attacks at once.  [default: the cores]")
@click.option("--sandbox", default="bwrap", show_default=True, metavar="NAME", help="What confines them.")
@plugin_option
@click.pass_obj
def command(
    start: Path | None,
    assignment: str | None,
    names: tuple[str, ...],
    listing: bool,
    jobs: int | None,
    sandbox: str,
    plugins: tuple[str, ...],
) -> None:
    """Hand every known attack in to a copy of ASSIGNMENT, each on the stub, and print what earned points and why.

    Nothing of it is recorded. Exits with 1 if an attack earned more than the stub does, read a canary from where no
    student code may look, spoiled an honest neighbour's result, or left a process or a file behind.

    \b
    grader redteam 3
    grader redteam 3 --attack semantic
    grader redteam --list
    """
    from grader.redteam.attack import chosen

    attacks = chosen(names)
    if listing:
        for attack in attacks:
            click.echo(f"{attack.kind:9} {click.style(attack.name, bold=True)}\n{'':9} {attack.tries}")
        return
    if assignment is None:
        raise click.UsageError("name an assignment, or ask for --list")
    found = _raided(start, assignment, attacks, plugins, sandbox, jobs)
    click.echo("\n".join(told(found)))
    if not found.held:
        raise click.exceptions.Exit(1)


def _raided(
    start: Path | None,
    assignment: str,
    attacks: tuple[Attack, ...],
    plugins: tuple[str, ...],
    sandbox: str,
    jobs: int | None,
) -> Raid:
    from rich.console import Console

    from grader.cli.run import cores
    from grader.course import find_course
    from grader.pipeline import Options
    from grader.redteam.dress import on_stub
    from grader.redteam.raid import raid
    from grader_progress import Progress

    course = find_course(start)
    attacked = course.assignment(assignment)
    manager = manager_for(course, plugins, quiet=True)
    with Progress(Console(stderr=True)) as progress:
        manager.register(progress, "grader_progress")
        return raid(manager, attacked, attacks, on_stub(attacked), Options(workers=jobs or cores(), sandbox=sandbox))


# ---- in words --------------------------------------------------------------------------------------------------


def told(raid: Raid) -> Iterator[str]:
    """Yield the lines that say what a raid came to."""
    yield f"{_many(len(raid.struck), 'attack')} on {raid.assignment.id}, each on the stub"
    for kind, struck in _by_kind(raid.struck).items():
        through = sum(one.got_through for one in struck)
        yield f"  {kind:9} {len(struck):3}   {f'{through} got through' if through else 'none got through'}"
    for one in raid.struck:
        if one.got_through:
            yield from ("", *_through(one))
    yield ""
    yield f"honest neighbours: {_all_or(len(raid.neighbours), len(raid.spoiled))}"
    for neighbour in raid.spoiled:
        wrong = ", ".join(f"{c.title} ({c.outcome})" for c in neighbour.checks if not c.earned) or neighbour.reason
        yield f"  {neighbour.student}: {wrong}"
    yield f"left behind: {_left(raid)}"


def _by_kind(struck: Iterable[Struck]) -> dict[str, list[Struck]]:
    kinds: dict[str, list[Struck]] = {}
    for one in struck:
        kinds.setdefault(one.attack.kind, []).append(one)
    return kinds


def _through(one: Struck) -> Iterator[str]:
    yield f"{click.style(one.attack.name, bold=True)} ({one.attack.kind}): {one.attack.tries}"
    if one.leaked:
        yield f"  read what is in: {', '.join(one.leaked)}"
    if one.report.reason:
        yield f"  {one.report.status}: {one.report.reason}"
    if one.report.earned > one.honest:
        yield f"  earned {one.report.earned:g} points; its honest work is worth {one.honest:g}"
        yield from (f"    {c.points:g}  {c.title}  [{c.name}]" for c in one.report.checks if c.earned)
        yield f"  try  {one.attack.advice}"


def _left(raid: Raid) -> str:
    left = [*(f"process {pid} ({said.strip()})" for pid, said in raid.traces.processes.items())]
    return ", ".join([*left, *map(str, raid.traces.files)]) or "no process, no file"


def _all_or(count: int, bad: int) -> str:
    return f"{bad} of {count} came to harm" if bad else f"all {count} graded as they would have been"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
