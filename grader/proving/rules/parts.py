"""Every part can be earned alone: nothing of it needs what a student writes for another."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from grader.model import Tier
from grader.proving.bench import Bench
from grader.proving.proof import Finding, Ruling
from grader.proving.replicas import alone
from grader.proving.rules.rule import Rule, many, named, why
from grader.proving.trials import Effort, Evidence, Trial

ID = "parts"


def trials(bench: Bench, effort: Effort) -> Iterator[Trial]:  # noqa: ARG001
    """Yield the stub with nothing written but one part, for each."""
    for part in bench.assignment.parts:
        yield Trial(ID, part.id, partial(alone, bench.suite, part), (part.id,), lasting=True)


def ruling(bench: Bench, evidence: Evidence, effort: Effort) -> Ruling:  # noqa: ARG001
    """Demand full marks of each part; that points add up, the collection has seen to."""
    findings = []
    for tried in evidence.of(ID):
        if tried.lost:
            problem = f"{tried.trial.name} alone does not earn {named(tried.lost)} ({why(tried.lost)})"
            step = "a check may use what its own part asks for; a check `after` one of another part cannot be reached"
            findings.append(Finding(ID, tried.trial.name, problem, step))
    tiers = {tier: sum(part.points for part in bench.assignment.parts if part.tier is tier) for tier in Tier}
    points = f"{tiers[Tier.CORE]:g} points" + "".join(
        f", {tiers[tier]:g} {tier}" for tier in (Tier.STRETCH, Tier.GPU) if tiers[tier]
    )
    good = len(bench.assignment.parts) - len(findings)
    said = f"{good} of {many(len(bench.assignment.parts), 'part')} can be earned alone; they add up to {points}"
    return Ruling(ID, said, tuple(findings))


RULE = Rule(ID, "each part can be earned alone, and points add up", trials, ruling)
