"""A proof for a person: a line a rule, each finding with what to do, and with `verbose` a table of checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.proving import survivors
from grader.proving.proof import CheckShown, MisconceptionShown, Proof, Ruling
from grader.proving.rules.rule import many
from grader.teaching.notation import duration

PROVEN, BROKEN, LEFT_OUT = ("✓", "green"), ("✗", "red"), ("–", "yellow")
MOST = 6  # findings of a rule that are shown where not all were asked for
NAMES = 3  # of what fails a check


def told(proof: Proof, *, verbose: bool = False) -> Group:
    """Return what is printed of a proof."""
    return Group(*_pieces(proof, verbose))


def _pieces(proof: Proof, verbose: bool) -> Iterator[RenderableType]:
    yield Text.assemble((proof.assignment, "bold"), f"  {proof.title}")
    yield _rulings(proof.rulings)
    for ruling in proof.rulings:
        yield from _findings(ruling, verbose)
    if proof.mutants is not None and proof.mutants.survivors:
        yield Text("\nmutants that no check noticed", "bold")
        yield from (Text(line) for line in survivors.told(proof.mutants))
    if verbose:
        yield from _everything(proof)
    yield Text(_summary(proof, verbose), "" if proof.findings else "green")


def _rulings(rulings: Sequence[Ruling]) -> Table:
    table = Table.grid(padding=(0, 1), expand=False)
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True, style="dim")
    for ruling in rulings:
        mark, colour = LEFT_OUT if ruling.left_out else BROKEN if ruling.findings else PROVEN
        cost = duration(ruling.cpu_seconds) if ruling.judgings else ""
        table.add_row(Text(mark, colour), ruling.rule, _said(ruling), cost)
    return table


def _findings(ruling: Ruling, verbose: bool) -> Iterator[RenderableType]:
    """Yield each finding, and what to do once for all that it is the same for."""
    shown = ruling.findings if verbose else ruling.findings[:MOST]
    for number, finding in enumerate(shown, 1):
        yield Text.assemble(("✗ ", "red"), (f"{ruling.rule}  ", "dim"), (finding.about, "bold"))
        yield Padding(Text(f"{finding.problem}."), (0, 0, 0, 2))
        if number == len(shown) or shown[number].step != finding.step:
            yield Padding(Text.assemble(("try  ", "dim"), finding.step), (0, 0, 0, 2))
    if len(shown) < len(ruling.findings):
        yield Text(f"  and {len(ruling.findings) - len(shown)} more of {ruling.rule}: --verbose", "dim")


def _said(ruling: Ruling) -> str:
    said = [ruling.left_out or ruling.proven]
    said += [many(len(ruling.findings), "finding")] if ruling.findings else []
    said += [f"{len(ruling.accepted)} accepted"] if ruling.accepted else []
    said += [many(len(ruling.remarks), "remark")] if ruling.remarks else []
    return "; ".join(filter(None, said))


def _summary(proof: Proof, verbose: bool) -> str:
    remarks = sum(len(ruling.remarks) for ruling in proof.rulings)
    judgings = sum(ruling.judgings for ruling in proof.rulings)
    spent = sum(ruling.cpu_seconds for ruling in proof.rulings)
    left_out = [ruling.rule for ruling in proof.rulings if ruling.left_out]
    said = f"{many(len(proof.findings), 'finding')}" if proof.findings else "proven"
    said += f", but for {', '.join(left_out)}" if left_out else ""
    said += f": {many(judgings, 'judging')}, {duration(spent)} of one core, {duration(proof.seconds)}"
    return said + (f"; --verbose tells {many(remarks, 'remark')}" if remarks and not verbose else "")


def _everything(proof: Proof) -> Iterator[RenderableType]:
    for ruling in proof.rulings:
        for accepted in ruling.accepted:
            yield Text(f"accepted ({ruling.rule}): {accepted.finding.about}: {accepted.reason}")
        for remark in ruling.remarks:
            yield Text.assemble((f"remark ({ruling.rule}): ", "dim"), remark.said)
    yield Text()
    yield _of_checks(proof.checks)
    yield Text()
    yield _of_misconceptions(proof.misconceptions)


def _of_checks(checks: Sequence[CheckShown]) -> Table:
    """Each check: who fails it, the share of its tolerance that a right answer used, how far off a wrong one was."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("check")
    table.add_column("points", justify="right")
    table.add_column("failed by")
    table.add_column("right", justify="right")
    table.add_column("wrong", justify="right")
    for check in checks:
        table.add_row(
            check.name, f"{check.points:g}", _names(check), _number(check.right, "%"), _number(check.wrong, "×")
        )
    return table


def _names(check: CheckShown) -> str:
    names = check.failed_by or tuple(f"({name})" for name in check.liars)
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more or "nothing"


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:.0%}" if unit == "%" else f"{value:.2g}{unit}"


def _of_misconceptions(misconceptions: Sequence[MisconceptionShown]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("misconception", "replaces", "loses", "told by", "fails beside"):
        table.add_column(heading, justify="right" if heading == "loses" else "left")
    for one in misconceptions:
        loses = f"{one.lost:g}/{one.possible:g}"
        table.add_row(one.name, one.replaces, loses, ", ".join(one.diagnosed), ", ".join(one.beyond))
    return table
