"""What makes reports of one student impossible to join, each a sentence that names student, check and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from grader.merging.checks import found, join, lost, ran
from grader.merging.moments import instant
from grader.model import CheckResult, Report, Status


class Of(Struct, frozen=True):
    """One student's report in one file."""

    file: str
    report: Report


def contradictions(reports: Sequence[Of], version: str) -> Iterator[str]:
    """Yield what contradicts in the reports of one student, or is of another version of the assignment."""
    student = reports[0].report.student
    other = [*_handed_in(student, reports), *_of_another_version(student, reports, version)]
    if other:  # then they need not agree in anything else
        yield from other
        return
    yield from _graded_and_not(student, reports)
    yield from _outcomes(student, reports)
    yield from _run_behind_lost(student, reports)


def _handed_in(student: str, reports: Sequence[Of]) -> Iterator[str]:
    facts: tuple[tuple[str, Callable[[Report], str]], ...] = (
        ("what '{student}' handed in differs: {files}", lambda report: report.digest),
        ("'{student}' handed in at two times: {files}", _moment),
    )
    for said, fact in facts:
        first: dict[str, str] = {}  # the file that says so
        for of in reports:
            first.setdefault(fact(of.report), of.file)
        values = [f"{_short(value)} in {file}" for value, file in first.items() if value]
        if len(values) > 1:
            yield said.format(student=student, files=_listed(values))


def _of_another_version(student: str, reports: Sequence[Of], version: str) -> Iterator[str]:
    """`grader show` writes what was graded with an earlier version beside what was graded with this one."""
    for of in reports:
        said = of.report.assignment_digest
        if of.report.checks and said not in ("", version):
            yield f"'{student}' was graded with another version of the assignment, {_short(said)}, in {of.file}"


def _moment(report: Report) -> str:
    return "" if report.submitted is None else instant(report.submitted).isoformat()


def _graded_and_not(student: str, reports: Sequence[Of]) -> Iterator[str]:
    refused = [of.file for of in reports if of.report.status is Status.UNGRADABLE]
    judged = [of.file for of in reports if of.report.status is Status.GRADED or of.report.checks]
    if refused and judged:
        yield f"'{student}' is ungradable in {refused[0]} and was graded in {judged[0]}"


def _outcomes(student: str, reports: Sequence[Of]) -> Iterator[str]:
    results: dict[str, dict[tuple[Any, ...], str]] = {}
    for file, check in _checks(reports):
        if ran(check):
            results.setdefault(check.name, {}).setdefault(found(check), file)
    for name, outcomes in results.items():
        if len(outcomes) > 1:
            files = _listed(f"{_said(*outcome)} in {file}" for outcome, file in outcomes.items())
            yield f"two outcomes of the check '{name}' of '{student}': {files}"


def _said(outcome: str, earned: float, points: float) -> str:
    return f"{outcome} ({earned:g} of {points:g})"


def _run_behind_lost(student: str, reports: Sequence[Of]) -> Iterator[str]:
    """A check that ran where one that it comes after had passed, though elsewhere that one had not."""
    together: dict[str, CheckResult] = {}
    where: dict[str, str] = {}
    for file, check in _checks(reports):
        known = together.get(check.name, check)
        together[check.name] = join(known, check)
        if check.name not in where or together[check.name] != known:
            where[check.name] = file
    failed = lost(together.values())
    for check in together.values():
        before = sorted(failed.intersection(check.after)) if ran(check) else ()
        for name in before[:1]:
            yield (
                f"the check '{check.name}' of '{student}' comes after '{name}', and ran in {where[check.name]}, though "
                f"'{name}' is {together[name].outcome.value} in {where[name]}"
            )


def _checks(reports: Sequence[Of]) -> Iterator[tuple[str, CheckResult]]:
    for of in reports:
        for check in of.report.checks:
            yield of.file, check


def _short(value: str) -> str:
    return value[:12] if len(value) == 64 else value  # a digest


def _listed(texts: Iterable[str]) -> str:
    return " and ".join(texts)
