"""No liar earns a point, whether it lies in one part or in all at once.

A liar's constructor is honest, since lies are made of right answers: a check that pays every liar has asked none of
them, and looks at what a constructor made. It must not pay one whose constructor does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from inspect import isclass
from pathlib import Path

from grader.proving import idle
from grader.proving.bench import Bench
from grader.proving.impostors import impostor
from grader.proving.lies import LIARS, NONE, PATIENCE
from grader.proving.proof import Finding, Ruling
from grader.proving.replicas import roots
from grader.proving.rules.rule import Rule
from grader.proving.trials import Effort, Evidence, Trial

ID = "liars"
IDLE = "does nothing"
UNBUILT = "constructs nothing"
STEP = "let the check come `after` one of values that the lie fails, or demand what the lie does not have"


def trials(bench: Bench, effort: Effort) -> Iterator[Trial]:  # noqa: ARG001
    """Yield each liar in every part at once, and in one part where the others are right.

    The one that never returns lies everywhere, for no check is waiting for another's part. What runs the file as a
    script gets a file that does nothing.
    """
    parts = bench.assignment.parts
    everything = [root for part in parts for root in roots(part)]
    for name, manner in LIARS.items():
        make = partial(impostor, bench.suite, everything, manner)
        yield Trial(ID, name, make, seconds=PATIENCE.get(name), lasting=True)
        for part in parts if name not in PATIENCE else ():
            make = partial(impostor, bench.suite, roots(part), manner)
            yield Trial(ID, name, make, (part.id,), lasting=True)
    if any(isclass(getattr(bench.suite.reference, root)) for root in everything):
        make = partial(impostor, bench.suite, everything, LIARS[NONE], constructs=False)
        yield Trial(ID, UNBUILT, make, lasting=True)
    if bench.scripted:
        make = partial(bench.suite.load_candidate, Path(idle.__file__))
        yield Trial(ID, IDLE, make, scripts=True, only=tuple(sorted(bench.scripted)), alone=True)


def ruling(bench: Bench, evidence: Evidence, effort: Effort) -> Ruling:  # noqa: ARG001
    """Demand that each earns nothing."""
    findings: dict[str, Finding] = {}
    pays_all = _pay_all(evidence)
    for tried in evidence.of(ID):
        where = "in every part at once" if not tried.trial.parts else "in this part alone"
        for result in tried.results.values():
            if result.earned and (tried.trial.name == UNBUILT or result.name not in pays_all):
                problem = f"{result.name} ({result.part}) gives points to what {tried.trial.name}"
                about = f"{tried.trial.name}: {result.name}"
                findings.setdefault(about, Finding(ID, about, f"{problem} {where}", STEP))
    through = {about.partition(":")[0] for about in findings}
    honest = [name for name in LIARS if name not in through]
    said = f"nothing is earned by what {', '.join(honest)}" if honest else ""
    return Ruling(ID, said, tuple(findings.values()))


def _pay_all(evidence: Evidence) -> set[str]:
    """Return the checks that pay each of the liars, also those that raise or never return: nothing lied to them."""
    everywhere = [tried for tried in evidence.of(ID) if tried.trial.name in LIARS and not tried.trial.parts]
    paid = [{result.name for result in tried.results.values() if result.earned} for tried in everywhere]
    return set.intersection(*paid) if paid else set()


RULE = Rule(ID, "what lies earns nothing, in one part or in all", trials, ruling)
