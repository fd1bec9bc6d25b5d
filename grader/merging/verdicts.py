"""What one machine found of a submission, completed with what others found."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from grader.merging.checks import filled, left_open, ran
from grader.merging.names import joined
from grader.model import CheckResult, Outcome, Status
from grader.work import Verdict


def completed(verdict: Verdict, others: Sequence[Verdict]) -> Verdict:
    """Fill in what is open in a verdict, from the first of the others that says how a check ended."""
    if verdict.status is not Status.GRADED or not left_open(verdict.checks):
        return verdict
    found: dict[str, tuple[CheckResult, Verdict]] = {}
    for other in others:
        for check in other.checks if other.status is Status.GRADED else ():
            if ran(check) or check.outcome is Outcome.BLOCKED:
                found.setdefault(check.name, (check, other))
    checks = filled(verdict.checks, {name: check for name, (check, _) in found.items()})
    changed = {after.name for before, after in zip(verdict.checks, checks, strict=True) if before != after}
    givers = [other for other in others if any(found[name][1] is other for name in changed)]
    return replace(
        verdict,
        checks=checks,
        notes=tuple(dict.fromkeys((*verdict.notes, *(note for giver in givers for note in giver.notes)))),
        seconds=sum((giver.seconds for giver in givers), verdict.seconds),
        cpu_seconds=sum((giver.cpu_seconds for giver in givers), verdict.cpu_seconds),
        machine=joined(verdict.machine, *(giver.machine for giver in givers)),
    )
