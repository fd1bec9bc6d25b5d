"""How close right and wrong answers come to each tolerance: what is too tight or too loose is a remark."""

from __future__ import annotations

import math
from collections.abc import Iterator

from grader.proving.bench import Bench
from grader.proving.proof import Remark, Ruling
from grader.proving.rules import misconceptions, solution
from grader.proving.rules.rule import Rule, many
from grader.proving.trials import Effort, Evidence, Trial, family

ID = "margins"
TIGHT = 0.5  # of the tolerance, used by a right answer
LOOSE = 3.0  # tolerances, by which the nearest wrong answer is off


def trials(bench: Bench, effort: Effort) -> Iterator[Trial]:
    """Yield right answers and wrong ones."""
    yield from solution.RULE.trials(bench, effort)
    yield from misconceptions.RULE.trials(bench, effort)


def ruling(bench: Bench, evidence: Evidence, effort: Effort) -> Ruling:  # noqa: ARG001
    """Name the checks whose tolerance a right answer nearly uses up, or a wrong one nearly meets."""
    right, wrong = nearest_right(evidence), nearest_wrong(evidence)
    tight = [name for name, used in right.items() if used > TIGHT]
    loose = [name for name, off in wrong.items() if off < LOOSE]
    remarks = [
        Remark(name, f"{name} is tight: a right answer uses {right[name]:.0%} of its tolerance") for name in tight
    ]
    remarks += [
        Remark(name, f"{name} is loose: a wrong answer is off by {wrong[name]:.2g} tolerances") for name in loose
    ]
    said = f"of {many(len({*right, *wrong}), 'check')} that compare, {len(tight)} tight and {len(loose)} loose"
    return Ruling(ID, said, remarks=tuple(remarks))


def nearest_right(evidence: Evidence) -> dict[str, float]:
    """Return the largest share of its limit that a right answer used, of each check."""
    found: dict[str, float] = {}
    for tried in evidence.of(*solution.RIGHT):
        for name, used in tried.margins.items():
            if name not in {result.name for result in tried.lost}:
                found[family(name)] = max(used, found.get(family(name), 0.0))
    return found


def nearest_wrong(evidence: Evidence) -> dict[str, float]:
    """Return by how many limits the nearest wrong answer was off, of each check that failed one for its values."""
    found: dict[str, float] = {}
    for tried in evidence.of(misconceptions.ID):
        for result in tried.failed:
            used = tried.margins.get(result.name, 0.0)
            if used > 1:
                found[family(result.name)] = min(used, found.get(family(result.name), math.inf))
    return {name: used for name, used in found.items() if math.isfinite(used)}


RULE = Rule(ID, "how close right and wrong answers come to each tolerance", trials, ruling)
