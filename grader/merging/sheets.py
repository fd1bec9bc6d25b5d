"""Whole gradesheets, joined: of one assignment, in one language, none of which contradicts another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from msgspec.structs import replace

from grader.errors import MergeRefused
from grader.merging.contradictions import Of, contradictions
from grader.merging.moments import earliest
from grader.merging.names import joined, together
from grader.merging.reading import Source
from grader.merging.reports import joined_report
from grader.model import Gradesheet, Report

SHOWN = 10  # contradictions; one is mended as all are
STEP = (
    "grade what is named again, from the same files, with `grader run ASSIGNMENT PATH --fresh`, and merge that report"
)


def merged(sources: Sequence[Source], rescored: Callable[[Report], Report]) -> Gradesheet:
    """Join gradesheets, in whatever order, each however often; students are in the order of their names.

    `rescored` returns a joined report with its score.

    Raises:
        MergeRefused: if they are of two assignments or versions of one, in two languages, or contradict each other.
    """
    _refuse_different(sources)
    students: dict[str, list[Of]] = {}
    for source in sources:
        for report in source.sheet.submissions:
            students.setdefault(report.student, []).append(Of(source.name, report))
    sheets = [source.sheet for source in sources]
    version, parts = sheets[0].assignment.digest, sheets[0].assignment.parts
    said = list(chain.from_iterable(contradictions(reports, version) for reports in students.values()))
    if said:
        raise _contradicting(said, sources)
    reports = (joined_report([of.report for of in students[name]], parts) for name in sorted(students))
    return replace(
        max(sheets, key=lambda sheet: repr(sheet.assignment)),  # titles are no part of a version
        submissions=tuple(map(rescored, reports)),
        started=earliest(*(sheet.started for sheet in sheets)) or sheets[0].started,
        seconds=max(sheet.seconds for sheet in sheets),
        sandbox=joined(*(sheet.sandbox for sheet in sheets)),
        environment=together(*(sheet.environment for sheet in sheets)),
        machine=joined(*(sheet.machine for sheet in sheets)),
    )


def _refuse_different(sources: Sequence[Source]) -> None:
    first, *rest = sources
    for other in rest:
        one, two = first.sheet, other.sheet
        for differs, problem in (
            (one.assignment.id != two.assignment.id, "these are of two assignments"),
            (one.assignment.digest != two.assignment.digest, "these are of two versions of the assignment"),
            (one.language != two.language, "these are in two languages"),
        ):
            if differs:
                said = f"{problem}: {_what(first)} and {_what(other)}"
                raise MergeRefused(said, step="grade both with the same course and --language")


def _what(source: Source) -> str:
    sheet = source.sheet
    return f"{source.name} ({sheet.assignment.id}, version {sheet.assignment.digest[:12]}, {sheet.language})"


def _contradicting(said: Sequence[str], sources: Sequence[Source]) -> MergeRefused:
    more = [f"and {len(said) - SHOWN} more"] if len(said) > SHOWN else []
    problem = "\n       ".join([*said[:SHOWN], *more])
    return MergeRefused(problem, place=", ".join(dict.fromkeys(source.name for source in sources)), step=STEP)
