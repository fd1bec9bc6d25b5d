"""The solution has full marks, whatever the inputs, and so has every other correct solution."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from grader.proving.bench import Bench, solution_files
from grader.proving.proof import Finding, Ruling
from grader.proving.rules.rule import Rule, many, named, why
from grader.proving.trials import Effort, Evidence, Key, Trial, Tried

ID = "solution"
RIGHT = ("reference", "alternative")


def reference(bench: Bench, seed: int) -> Trial:
    """Return the trial of the reference with one seed. Only the first has torchrun, and a fork a call."""
    return Trial(
        "reference", bench.assignment.module, bench.suite.module_with, seed=seed, scripts=seed == 0, lasting=seed > 0
    )


def trials(bench: Bench, effort: Effort) -> Iterator[Trial]:
    """Yield the reference with every seed, and each alternative with some."""
    yield from (reference(bench, seed) for seed in range(effort.seeds))
    _, *alternatives = solution_files(bench.assignment)
    for path in alternatives:
        for seed in range(effort.alternative_seeds):
            load = partial(bench.suite.load_candidate, path)
            yield Trial("alternative", path.stem, load, seed=seed, scripts=seed == 0, lasting=seed > 0)


def ruling(bench: Bench, evidence: Evidence, effort: Effort) -> Ruling:
    """Demand full marks of each, with every seed."""
    found = [_finding(tried, bench) for tried in evidence.of(*RIGHT) if tried.lost]
    first = {finding.about: finding for finding in reversed(found)}
    alternatives = {tried.trial.name for tried in evidence.of("alternative")}
    said = f"{many(len(bench.checks), 'check')} passed by the reference with {many(effort.seeds, 'seed')}"
    if alternatives:
        said += f", by {many(len(alternatives), 'alternative')} with {effort.alternative_seeds}"
    return Ruling(ID, "" if first else said, tuple(reversed(first.values())))


def _finding(tried: Tried, bench: Bench) -> Finding:
    key = tried.trial
    problem = f"{_called(key)} loses {named(tried.lost)} (seed {key.seed}; {why(tried.lost)})"
    file = next(path for path in solution_files(bench.assignment) if path.stem == key.name)
    step = f"a right answer must pass with any inputs: mend the check, or {Path(file).name}"
    return Finding(ID, f"{key.name}: {tried.lost[0].name}", problem, step)


def _called(key: Key) -> str:
    return "the reference" if key.kind == "reference" else f"the alternative {key.name}"


RULE = Rule(ID, "the reference and every alternative have full marks, with any inputs", trials, ruling)
