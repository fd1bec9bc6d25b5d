"""Where a submission stands: what its report says before anything of its checks."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from grader.model import CheckResult, Outcome, Report, Status
from grader.teaching.notation import listed, points
from grader.teaching.phrases import speaker

PASS_MARK = 0.6  # of the possible points: the usual mark for a pass


class Standing(Struct, frozen=True):
    """Where a submission stands. `earned` is None where any number, zero above all, would mislead."""

    label: str
    earned: float | None
    possible: float
    pending: float
    undecided: float  # points of checks that broke, and of those behind them
    passed: int
    total: int
    attention: str  # why the instructor has to look; empty where there is no need
    remarks: tuple[str, ...]
    brief: tuple[str, ...]  # the remarks in two words each, for tables
    counted: bool  # it has a score that a class's figures may count

    @property
    def share(self) -> float | None:
        """The part of the possible points that was earned, above 1 with a bonus."""
        return None if self.earned is None or not self.possible else self.earned / self.possible

    @property
    def low(self) -> bool:
        """Whether there is a score and it is below the mark for a pass."""
        return self.share is not None and self.share < PASS_MARK


def standing(report: Report, language: str) -> Standing:
    """Say where a submission stands."""
    say = speaker(language)
    named = [check for check in report.checks if check.title]  # none, where only points are shown
    broken = [check for check in report.checks if check.outcome is Outcome.INVALID]
    undecided = sum(check.points for check in report.checks if check.name in undecided_names(report.checks))
    passed, total = sum(check.outcome is Outcome.PASSED for check in named), len(named)
    graded, earned = report.status is Status.GRADED, _earned(report)
    open_ = (("pending", report.pending), ("undecided", undecided))
    return Standing(
        label=say("checks_passed", n=passed, total=total) if graded and total else say(report.status.value),
        earned=earned,
        possible=report.possible,
        pending=report.pending,
        undecided=undecided,
        passed=passed,
        total=total,
        attention=_attention(report, broken, language),
        remarks=tuple(say(f"points_{key}", points=points(value)) for key, value in open_ if value),
        brief=tuple(say(f"short_{key}", points=points(value)) for key, value in open_ if value),
        counted=graded and earned is not None and not broken,
    )


def _earned(report: Report) -> float | None:
    if report.status is Status.UNFINISHED:
        return None
    outcomes = {check.outcome for check in report.checks}
    if outcomes and outcomes <= {Outcome.INVALID, Outcome.PENDING}:
        return None
    return None if report.earned <= 0 and Outcome.INVALID in outcomes else report.earned


def undecided_names(checks: Sequence[CheckResult]) -> frozenset[str]:
    """Name the checks that broke, and those that nothing but them kept from being run."""
    held = {check.name for check in checks if check.outcome is Outcome.INVALID}
    free = {check.name for check in checks if check.outcome in (Outcome.PASSED, Outcome.PENDING)}
    for check in checks:  # those that a check comes after stand before it
        behind = set(check.after) - free
        if check.outcome is Outcome.BLOCKED and behind and behind <= held:
            held.add(check.name)
    return frozenset(held)


def _attention(report: Report, broken: Sequence[CheckResult], language: str) -> str:
    say = speaker(language)
    if report.status is Status.UNFINISHED:
        return report.reason or say("unfinished_instructor")
    return say("checks_broke", n=len(broken), titles=listed(check.title for check in broken)) if broken else ""
