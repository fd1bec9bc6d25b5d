"""How much of a report its student may read: `none`, `titles`, `hints` or, for the instructor, `full`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from grader.model import CheckResult, Outcome, Report, Status
from grader.schema import Feedback
from grader.teaching.standing import undecided_names

USUAL: Feedback = "hints"


def for_student(report: Report, level: Feedback = USUAL) -> Report:
    """Return the report without anything that its student may not read at this level."""
    if level == "full":
        return report
    return replace(
        report,
        path=re.split(r"[/\\]", report.path.rstrip("/\\"))[-1],
        reason="" if report.status is Status.UNFINISHED else report.reason,
        output="" if level == "none" else report.output,
        checks=_sums(report.checks) if level == "none" else tuple(_check(check, level) for check in report.checks),
    )


def _check(check: CheckResult, level: Feedback) -> CheckResult:
    if level == "titles" or check.outcome is Outcome.INVALID:
        return replace(check, detail="", nearest="", message="", asked="", diagnosis=None, growths=())
    diagnosis = check.diagnosis and replace(check.diagnosis, misconception="")
    return replace(check, detail="", nearest="", diagnosis=diagnosis)


def _sums(checks: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Add up the points of each part: decided, waiting, undecided. Without a title, a sum is no check to show."""
    undecided = undecided_names(checks)
    sums: dict[str, CheckResult] = {}
    for check in checks:
        outcome = _only_of_points(check, undecided)
        name = f"{check.part}: {outcome.value}"
        before = sums.get(name, CheckResult(name, check.part, "", 0.0, 0.0, outcome))
        sums[name] = replace(before, points=before.points + check.points, earned=before.earned + check.earned)
    return tuple(sums.values())


def _only_of_points(check: CheckResult, undecided: frozenset[str]) -> Outcome:
    if check.name in undecided:
        return Outcome.INVALID
    return Outcome.PENDING if check.outcome is Outcome.PENDING else Outcome.FAILED
