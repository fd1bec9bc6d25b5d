"""Finds what is wrong with the results of a soak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.crowd import Crowd
from grader.gradebook import open_gradebook
from grader.model import Gradesheet, Report, Status

TIMES = {"seconds", "cpu_seconds"}


def mistakes(crowd: Crowd, everyone: Gradesheet, undisturbed: Gradesheet) -> Iterator[str]:
    """Say whose result is not what it must be."""
    alone = {report.student: judged(report) for report in undisturbed.submissions}
    for report in everyone.submissions:
        if not report.regraded:
            yield f"{report.student} was not executed"
        if report.student in crowd.honest:
            if report.earned != crowd.honest[report.student]:
                yield f"{report.student} has {report.earned:g} points: {report.reason}"
            if judged(report) != alone[report.student]:
                yield f"{report.student} was graded otherwise where nobody disturbed: {report.reason}"
        elif report.status is Status.UNFINISHED or report.earned > crowd.hostile[report.student]:
            yield f"{report.student} has {report.earned:g} points and is {report.status.value}: {report.reason}"


def judged(report: Report) -> Any:
    """Return all of a report that the machine's load and the run's own order do not change."""
    kept: dict[str, Any] = msgspec.to_builtins(report)
    for one in (kept, *kept["checks"]):
        for name in TIMES:
            del one[name]
    return {name: value for name, value in kept.items() if name not in {"path", "attempt"}}


def miscounted(crowd: Crowd, book: Path) -> Iterator[str]:
    """Say who has not exactly one attempt in the gradebook."""
    with open_gradebook(book) as gradebook:
        counts = Counter(attempt.report.student for attempt in gradebook.attempts(latest=False))
    for student in {*crowd.honest, *crowd.hostile, *counts}:
        if counts[student] != 1:
            yield f"{student} has {counts[student]} attempts"
