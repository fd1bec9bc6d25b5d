"""One check, as several machines found it.

What stands for more: a check that ran, over one that was blocked, over one that broke, over one that is pending. The
join of two results is commutative, associative and idempotent, so that files may come in any order, and twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from grader.model import CheckResult, Outcome

NOT_RUN = (Outcome.PENDING, Outcome.INVALID, Outcome.BLOCKED)  # by how much is known, the least first


def ran(check: CheckResult) -> bool:
    """Tell whether student code was judged: no other machine may then say something else."""
    return check.outcome not in NOT_RUN


def found(check: CheckResult) -> tuple[Outcome, float, float]:
    """Return what two machines on which a check ran have to agree on."""
    return check.outcome, check.earned, check.points


def join(one: CheckResult, other: CheckResult) -> CheckResult:
    """Return the result that says more; of two that say the same, always the same one."""
    if one == other:
        return one
    stronger = max(one, other, key=_strength)
    if one.outcome is other.outcome is Outcome.BLOCKED:
        return replace(stronger, after=tuple(sorted({*one.after, *other.after})))
    return stronger


def _strength(check: CheckResult) -> tuple[int, bytes]:
    known = len(NOT_RUN) if ran(check) else NOT_RUN.index(check.outcome)
    blocked = check.outcome is Outcome.BLOCKED
    return known, msgspec.json.encode(replace(check, after=()) if blocked else check)


def lost(checks: Iterable[CheckResult]) -> frozenset[str]:
    """Name the checks that did not pass for a reason of the student's: what comes after one is blocked."""
    results = {check.name: check for check in checks}
    names = {name for name, check in results.items() if ran(check) and check.outcome is not Outcome.PASSED}
    while more := {name for name, check in results.items() if name not in names and _behind(check, names)}:
        names |= more
    return frozenset(names)


def _behind(check: CheckResult, names: set[str]) -> bool:
    return check.outcome is Outcome.BLOCKED and not names.isdisjoint(check.after)


def left_open(checks: Sequence[CheckResult]) -> frozenset[str]:
    """Name the checks that another machine may fill in: pending, broken, and blocked by no check that was lost."""
    known, gone = {check.name for check in checks}, lost(checks)
    return frozenset(
        check.name
        for check in checks
        if not ran(check)
        and (check.outcome is not Outcome.BLOCKED or (check.name not in gone and known >= {*check.after}))
    )


def filled(checks: Sequence[CheckResult], others: Mapping[str, Sequence[CheckResult]]) -> tuple[CheckResult, ...]:
    """Fill in what is open of one machine's checks with what others found of each, the newest first.

    A check that is blocked elsewhere is so here only if what it comes after was lost here too, and then no result of
    it counts. Titles stay: those of others may be in another language.
    """
    open_, result = left_open(checks), list[CheckResult]()
    for check in checks:  # those that a check comes after stand before it
        gone = {*lost(result)}
        fits = (o for o in others.get(check.name, ()) if _behind(o, gone) or (ran(o) and gone.isdisjoint(o.after)))
        found = next(fits, None) if check.name in open_ else None
        result.append(replace(found, title=check.title) if found else check)
    return tuple(result)
