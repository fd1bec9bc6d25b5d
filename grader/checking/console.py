"""The public checks on a terminal: a line a check, and for what failed why, where and what to try."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import TextIOWrapper

from rich.console import Console
from rich.text import Text

from grader.checking.results import Place, PublicCheck, PublicRun
from grader.model import Outcome, Part

MARKS = {Outcome.PASSED: ("✓", "ok", "green"), Outcome.NOT_ATTEMPTED: ("○", "--", "yellow")}
OTHERWISE = ("✗", "x", "red")
WORDS = {
    Outcome.NOT_ATTEMPTED: "not attempted yet",
    Outcome.PENDING: "not run on this machine",
    Outcome.TIMEOUT: "took too long",
    Outcome.ERROR: "your code raised",
}
UNEXPLAINED = (Outcome.PASSED, Outcome.NOT_ATTEMPTED, Outcome.PENDING)
INDENT = " " * 6
WIDEST = 100  # characters of a line of source
MOST_PRINTED = 10  # lines of what the student's code printed


def terminal() -> Console:
    """Return a console on stdout; what its encoding lacks is replaced and stops nothing."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console(highlight=False, force_jupyter=False)


def show(run: PublicRun, console: Console) -> None:
    """Print a run."""
    plain = "utf" not in console.encoding.lower()
    for note in run.notes:
        console.print(Text(f"note: {note}", style="dim"), soft_wrap=True)
    for number, part, checks in run.by_part():
        console.print()
        console.print(_heading(number, part, checks), soft_wrap=True)
        for check in checks:
            console.print(_check(check, plain), soft_wrap=True)
    console.print()
    console.print(_summary(run), soft_wrap=True)


def counts(run: PublicRun) -> str:
    """Return the summary's sentence."""
    if run.stopped and not run.checks:
        return "nothing was finished"
    failed = len(run.checks) - run.count(Outcome.PASSED, Outcome.NOT_ATTEMPTED, Outcome.PENDING)
    said = [f"{run.passed} of {len(run.checks)} passed"]
    said += [f"{failed} failed"] if failed else []
    for outcome in (Outcome.NOT_ATTEMPTED, Outcome.PENDING):
        said += [f"{run.count(outcome)} {WORDS[outcome]}"] if run.count(outcome) else []
    return ", ".join(said)


def heading(number: int, part: Part | None, checks: tuple[PublicCheck, ...]) -> tuple[str, str]:
    """Return a part's title, and how much of it is done."""
    title = "Other checks" if part is None else f"Part {number}: {part.title}"
    if all(check.outcome is Outcome.NOT_ATTEMPTED for check in checks):
        return title, f"{WORDS[Outcome.NOT_ATTEMPTED]} ({len(checks)} check{'s' if len(checks) > 1 else ''})"
    return title, f"{sum(check.outcome is Outcome.PASSED for check in checks)} of {len(checks)}"


def stopped(run: PublicRun) -> str:
    """Return the sentence that says what Ctrl-C stopped, or nothing."""
    if not run.stopped:
        return ""
    at = f", at {_place(run.stopped_at)}" if run.stopped_at else ""
    return f"stopped while this check was running: {run.stopped}{at}"


def facts(check: PublicCheck) -> Iterator[tuple[str, str]]:
    """Yield what there is to say of a check that did not pass, each with its key."""
    if check.outcome in UNEXPLAINED:
        return
    if check.student:
        yield "in", _place(check.student)
    if check.check:
        yield "at", _place(check.check)
    if check.step:
        yield "try", check.step


def _place(place: Place) -> str:
    code = place.code if len(place.code) <= WIDEST else f"{place.code[:WIDEST].rstrip()} ..."
    return f"{place.label}: {code}" if code else place.label


def _heading(number: int, part: Part | None, checks: tuple[PublicCheck, ...]) -> Text:
    title, done = heading(number, part, checks)
    return Text.assemble((title, "bold"), "  ", (done, "dim"))


def _check(check: PublicCheck, plain: bool) -> Text:
    sign, ascii_sign, colour = MARKS.get(check.outcome, OTHERWISE)
    text = Text.assemble("  ", (ascii_sign if plain else sign, colour), " ", check.title)
    if check.case and check.outcome not in UNEXPLAINED:
        text.append(f"  [{check.case}]", "dim")
    if check.outcome in WORDS:
        text.append(f"  {WORDS[check.outcome]}", "dim")
    for line, style in _explanation(check):
        text.append(f"\n{INDENT}{line}", style)
    return text


def _explanation(check: PublicCheck) -> Iterator[tuple[str, str]]:
    """Yield lines, each with its style."""
    if check.outcome in UNEXPLAINED:
        return
    yield from ((line, "") for line in check.message.splitlines())
    yield from ((line, "dim") for line in check.detail.splitlines())
    yield from ((f"{key:<4} {value}", "cyan") for key, value in facts(check))
    if check.printed:
        yield "it printed", "cyan"
        yield from ((f"  {line}", "dim") for line in check.printed.splitlines()[-MOST_PRINTED:])


def _summary(run: PublicRun) -> Text:
    text = Text(counts(run), "bold green" if run.good else "bold")
    if run.good:
        text.append(". These are the public checks: the hidden ones ask for more.", "not bold dim")
    if run.stopped:
        text.append(f"\n{stopped(run)}", "bold red")
    return text
