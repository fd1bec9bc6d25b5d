"""A careless student loses the checks that name the habit (the mark `careless`), and no other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from grader.model import Part
from grader.proving.bench import Bench
from grader.proving.habits import HABITS
from grader.proving.impostors import impostor
from grader.proving.proof import Finding, Remark, Ruling
from grader.proving.replicas import roots
from grader.proving.rules.rule import Rule, many, named
from grader.proving.trials import Effort, Evidence, Trial, Tried, family

ID = "careless"


def trials(bench: Bench, effort: Effort) -> Iterator[Trial]:  # noqa: ARG001
    """Yield each habit in each part."""
    for name, (_, manner) in HABITS.items():
        for part in bench.assignment.parts:
            make = partial(impostor, bench.suite, roots(part), manner)
            yield Trial(ID, name, make, (part.id,), lasting=True)


def ruling(bench: Bench, evidence: Evidence, effort: Effort) -> Ruling:  # noqa: ARG001
    """Demand of each part that its checks with the mark are those that the habit loses."""
    findings: list[Finding] = []
    remarks = []
    for part in bench.assignment.parts:
        for kind in dict.fromkeys(kind for kind, _ in HABITS.values()):
            findings += _findings(bench, evidence, part, kind)
            if not _marked(bench, part, kind) and not any(_failed(evidence, part, kind).values()):
                said = f"{part.id}: nothing is lost by carelessness about {kind}, and no check names it"
                remarks.append(Remark(f"{part.id}: {kind}", said))
    marked = sum(bool(check.careless) for check in bench.checks.values())
    said = f"{', '.join(HABITS)} lose the {many(marked, 'check')} with the mark, and no other"
    return Ruling(ID, "" if findings else said, tuple(findings), tuple(remarks))


def _findings(bench: Bench, evidence: Evidence, part: Part, kind: str) -> Iterator[Finding]:
    failed, marked = _failed(evidence, part, kind), _marked(bench, part, kind)
    lost = {family(result.name) for tried in _of(evidence, part, kind) for result in tried.lost}  # also what is blocked
    for name in sorted(marked - lost):
        habits = " nor ".join(failed)
        step = "demand it there, or take the mark off"
        yield Finding(
            ID, f"{kind}: {name}", f'{name} is marked careless("{kind}"), and {habits} does not lose it', step
        )
    for habit, names in failed.items():
        if beyond := [name for name in names if name not in marked]:
            problem = f"{part.id}: {habit} loses {named(beyond)}, which {'have' if len(beyond) > 1 else 'has'} no mark"
            step = f'mark one check careless("{kind}"), and let the others be content with right values'
            yield Finding(ID, f"{habit}: {part.id}", problem, step)


def _failed(evidence: Evidence, part: Part, kind: str) -> dict[str, list[str]]:
    """Return what each habit of a kind fails in a part."""
    return {
        tried.trial.name: list(dict.fromkeys(family(result.name) for result in tried.failed))
        for tried in _of(evidence, part, kind)
    }


def _of(evidence: Evidence, part: Part, kind: str) -> list[Tried]:
    found = [tried for tried in evidence.of(ID) if tried.trial.parts == (part.id,)]
    return [tried for tried in found if HABITS[tried.trial.name][0] == kind]


def _marked(bench: Bench, part: Part, kind: str) -> set[str]:
    return {check.family for check in bench.checks.values() if check.part.id == part.id and kind in check.careless}


RULE = Rule(ID, "right values with careless manners lose the checks that name the habit, and no other", trials, ruling)
