"""The reports of one student from several machines, as one. Its score is for others to work out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

from msgspec.structs import replace

from grader.merging.checks import join
from grader.merging.moments import earliest
from grader.merging.names import joined, weakest
from grader.model import CheckResult, Part, Report, Status

A_ROUNDING = 1e-6


def is_whole(checks: Sequence[CheckResult], parts: Sequence[Part]) -> bool:
    """Tell whether these are all checks of the assignment: the points of a part are those of its checks."""
    left = {part.id: part.points for part in parts}
    for check in checks:
        left[check.part] = left.get(check.part, 0.0) - check.points
    return all(points < A_ROUNDING for points in left.values())


def joined_report(reports: Sequence[Report], parts: Sequence[Part]) -> Report:
    """Join the reports of one student, which do not contradict each other."""
    report = reduce(_join, reports)
    orders = [tuple(check.name for check in one.checks) for one in reports if is_whole(one.checks, parts)]
    checks = _ordered(report.checks, parts, orders)
    if report.status is Status.UNFINISHED and is_whole(checks, parts):
        report = replace(report, status=Status.GRADED, reason="")  # what broke on one machine was graded on others
    return replace(report, checks=checks)


def _join(one: Report, other: Report) -> Report:
    if one == other:
        return one
    status, reason = max((_weight(report), report.reason) for report in (one, other))
    same_attempt = (one.key, one.attempt) == (other.key, other.attempt)
    return Report(
        student=one.student,
        path=max(one.path, other.path),
        status=STATUSES[status],
        earned=0.0,
        pending=0.0,
        possible=max(one.possible, other.possible),
        digest=one.digest or other.digest,
        assignment_digest=one.assignment_digest or other.assignment_digest,
        submitted=earliest(one.submitted, other.submitted),
        reason=reason,
        notes=one.notes if one.notes == other.notes else tuple(sorted({*one.notes, *other.notes})),
        checks=_together(one.checks, other.checks),
        output=max(one.output, other.output),
        seconds=max(one.seconds, other.seconds),
        cpu_seconds=max(one.cpu_seconds, other.cpu_seconds),
        sandbox=weakest(one.sandbox, other.sandbox),
        key=joined(one.key, other.key),
        attempt=one.attempt if same_attempt else None,
        regraded=one.regraded or other.regraded,
        machine=joined(one.machine, other.machine),
    )


# A part of a submission that was graded does not make the rest graded that our side broke on; see joined_report.
STATUSES = (Status.GRADED, Status.UNFINISHED, Status.UNGRADABLE)


def _weight(report: Report) -> int:
    return STATUSES.index(report.status)


def _together(one: Sequence[CheckResult], other: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    checks: dict[str, CheckResult] = {}
    for check in (*one, *other):
        checks[check.name] = join(checks.get(check.name, check), check)
    return tuple(checks.values())


def _ordered(
    checks: Sequence[CheckResult], parts: Sequence[Part], orders: Iterable[tuple[str, ...]]
) -> tuple[CheckResult, ...]:
    """Return checks as the author wrote them, where a report has all of them, and otherwise by part and name."""
    place = {part.id: number for number, part in enumerate(parts)}
    by_name = sorted(checks, key=lambda check: (place.get(check.part, len(place)), check.name))
    plain = tuple(check.name for check in by_name)
    written = max((order for order in orders if sorted(order) == sorted(plain) and order != plain), default=plain)
    return tuple(sorted(by_name, key=lambda check: written.index(check.name)))
