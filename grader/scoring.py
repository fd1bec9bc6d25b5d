"""From what the referee found to a report: the checks added up, and what plugins adjust."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, structs

from grader.model import FOR_FULL_MARKS, Adjustment, Assignment, CheckResult, Outcome, Report, Score, Status, Submission
from grader.schema import WithoutGpu
from grader.work import Verdict


class Taken(Struct, frozen=True):
    """A submission as it was taken in: who, what of it counts, and the name of its result."""

    submission: Submission
    sandbox: str
    possible: float
    digest: str = ""
    key: str = ""
    notes: tuple[str, ...] = ()
    assignment_digest: str = ""


def add_up(assignment: Assignment, checks: Sequence[CheckResult], only: str, without_gpu: WithoutGpu) -> Score:
    """Add up the checks. Under `only`, full marks are those of the checks that were selected.

    Pending points are neither earned nor lost; with `without_gpu = "drop"` nobody waits for them, and those that are
    no bonus leave the full marks too.
    """
    full = {part.id for part in assignment.parts if part.tier in FOR_FULL_MARKS}
    waiting = [check for check in checks if check.outcome is Outcome.PENDING]
    possible = sum(check.points for check in checks if check.part in full) if only else assignment.possible
    if without_gpu == "drop":
        possible -= sum(check.points for check in waiting if check.part in full)
    return Score(
        earned=_tidy(sum(check.earned for check in checks if check.outcome is not Outcome.PENDING)),
        pending=0.0 if without_gpu == "drop" else _tidy(sum(check.points for check in waiting)),
        possible=_tidy(possible),
    )


def graded(
    taken: Taken, verdict: Verdict, score: Score, adjustments: Sequence[Adjustment], *, regraded: bool
) -> Report:
    """Make the report of a submission that was graded. Adjustments never take it below 0."""
    return Report(
        student=taken.submission.student,
        path=str(taken.submission.path),
        status=verdict.status,
        earned=_earned(score, adjustments),
        pending=score.pending,
        possible=score.possible,
        digest=taken.digest,
        assignment_digest=taken.assignment_digest,
        submitted=taken.submission.submitted,
        reason=verdict.reason,
        notes=(*taken.notes, *verdict.notes),
        checks=verdict.checks,
        adjustments=tuple(adjustments),
        output=verdict.output,
        seconds=verdict.seconds,
        cpu_seconds=verdict.cpu_seconds,
        sandbox=taken.sandbox,
        key=taken.key,
        regraded=regraded,
        machine=verdict.machine,
    )


def completed_report(
    report: Report, taken: Taken, whole: Verdict, score: Score, adjustments: Sequence[Adjustment]
) -> Report:
    """Make the report of an attempt of which more checks are decided now."""
    return structs.replace(
        rescored(report, score, adjustments),
        checks=whole.checks,
        notes=(*taken.notes, *whole.notes),
        seconds=whole.seconds,
        cpu_seconds=whole.cpu_seconds,
        machine=whole.machine,
    )


def rescored(report: Report, score: Score, adjustments: Sequence[Adjustment]) -> Report:
    """Make a report with another score of the same submission. Adjustments never take it below 0."""
    return structs.replace(
        report,
        earned=_earned(score, adjustments),
        pending=score.pending,
        possible=score.possible,
        adjustments=tuple(adjustments),
    )


def without_score(taken: Taken, status: Status, reason: str) -> Report:
    """Make the report of a submission that has no score: it could not be loaded, or our side broke."""
    return Report(
        student=taken.submission.student,
        path=str(taken.submission.path),
        status=status,
        earned=0.0,
        pending=0.0,
        possible=taken.possible,
        digest=taken.digest,
        assignment_digest=taken.assignment_digest,
        submitted=taken.submission.submitted,
        reason=reason,
        notes=taken.notes,
        sandbox=taken.sandbox,
        key=taken.key,
    )


def _earned(score: Score, adjustments: Sequence[Adjustment]) -> float:
    return _tidy(max(0.0, score.earned + sum(adjustment.points for adjustment in adjustments)))


def _tidy(points: float) -> float:
    """Remove what binary fractions add: 0.1 + 0.2 is 0.3 points."""
    return round(points, 6)
