"""What one machine found of a submission, completed with what others found."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from grader.merging.checks import filled, left_open
from grader.merging.names import joined
from grader.model import CheckResult, Outcome, Status
from grader.work import Verdict


def completed(verdict: Verdict, others: Sequence[Verdict]) -> Verdict:
    """Fill in what is open in a verdict, from the first of the others that says how a check ended."""
    if verdict.status is not Status.GRADED or not left_open(verdict.checks):
        return verdict
    found: dict[str, list[CheckResult]] = {}
    for other in others:
        for check in other.checks if other.status is Status.GRADED else ():
            found.setdefault(check.name, []).append(check)
    checks = filled(verdict.checks, found)
    changed = [after for before, after in zip(verdict.checks, checks, strict=True) if before != after]
    gave = {id(next(other for other in others if _gave(other, check))) for check in changed}
    givers = [other for other in others if id(other) in gave]
    return replace(
        verdict,
        checks=checks,
        notes=tuple(dict.fromkeys((*verdict.notes, *(note for giver in givers for note in giver.notes)))),
        seconds=sum((giver.seconds for giver in givers), verdict.seconds),
        cpu_seconds=sum((giver.cpu_seconds for giver in givers), verdict.cpu_seconds),
        machine=joined(verdict.machine, *(giver.machine for giver in givers)),
    )


def _gave(other: Verdict, filled_in: CheckResult) -> bool:
    return any(replace(check, title=filled_in.title) == filled_in for check in other.checks)


def with_broken(verdict: Verdict, own: Verdict) -> Verdict:
    """Put in the place of what is pending what broke on this machine: the instructor has to look."""
    broken = {check.name: check for check in own.checks if check.outcome is Outcome.INVALID}
    waits = Outcome.PENDING
    checks = (broken.get(check.name, check) if check.outcome is waits else check for check in verdict.checks)
    return replace(verdict, checks=tuple(checks))
