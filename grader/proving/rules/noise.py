"""Nobody is told a wrong idea that they do not have: not for noise, and of two ideas at once, only one of the two."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from itertools import combinations
from typing import TypeVar

from grader.proving.bench import Bench
from grader.proving.impostors import impostor
from grader.proving.noise import NOISES
from grader.proving.proof import Finding, Ruling
from grader.proving.replicas import parts_of, roots, with_both
from grader.proving.rules.rule import Rule, many
from grader.proving.trials import Effort, Evidence, Trial
from grader.referee.suite import Wrong

Sampled = TypeVar("Sampled")

ID = "noise"
NOISY, BOTH, ONLY_NOISE = "noisy", "both", "noise"
JOINED = " + "
STEP = "its answers are too easily met by chance: let the check ask for more, or list a check in `fails` that it passes"


def trials(bench: Bench, effort: Effort) -> Iterator[Trial]:
    """Yield the reference with noise, some misconceptions with noise, and some pairs of misconceptions."""
    suite = bench.suite
    for part in bench.assignment.parts:
        for name, manner in NOISES.items():
            make = partial(impostor, suite, roots(part), manner)
            yield Trial(ONLY_NOISE, name, make, (part.id,), diagnose=True, lasting=True)
    chance = random.Random(0)
    wrongs = [wrong for wrong in suite.misconceptions if _parts(bench, wrong)]
    for wrong in _some(wrongs, effort.noisy, chance):
        parts = _parts(bench, wrong)
        root = wrong.about.replaces.partition(".")[0]
        make = partial(impostor, suite, [root], NOISES["some noise"], wrong.module)
        yield Trial(NOISY, wrong.about.name, make, parts, diagnose=True)
    for one, other in _some(_pairs(bench, wrongs), effort.pairs, chance):
        parts = tuple(part for part in _parts(bench, one) if part in _parts(bench, other))
        make = partial(with_both, suite, one.about, other.about)
        yield Trial(BOTH, one.about.name + JOINED + other.about.name, make, parts, diagnose=True)


def _parts(bench: Bench, wrong: Wrong) -> tuple[str, ...]:
    return parts_of(bench.assignment, wrong.about)


def _pairs(bench: Bench, wrongs: list[Wrong]) -> list[tuple[Wrong, Wrong]]:
    """Return the pairs that one student can have at once: in one part, about different things."""
    pairs = []
    for one, other in combinations(wrongs, 2):
        if not {*_parts(bench, one)} & {*_parts(bench, other)}:
            continue
        first, second = one.about.replaces, other.about.replaces
        if not (f"{first}.".startswith(f"{second}.") or f"{second}.".startswith(f"{first}.")):
            pairs.append((one, other))
    return pairs


def _some(things: list[Sampled], most: int, chance: random.Random) -> list[Sampled]:
    return chance.sample(things, min(most, len(things)))


def ruling(bench: Bench, evidence: Evidence, effort: Effort) -> Ruling:  # noqa: ARG001
    """Demand no diagnosis, or one of those that are there."""
    findings = []
    counts = dict.fromkeys((ONLY_NOISE, NOISY, BOTH), 0)
    for tried in evidence.of(ONLY_NOISE, NOISY, BOTH):
        kind, name, *_ = tried.trial
        counts[kind] += 1
        there = set() if kind == ONLY_NOISE else {*name.split(JOINED)}
        for check, told in tried.diagnosed.items():
            if told not in there:
                findings.append(_finding(kind, name, check, told))
    said = f"{many(len(NOISES), 'kind')} of noise, {many(counts[NOISY], 'misconception')} with noise and "
    said += f"{many(counts[BOTH], 'pair')} of them get no false diagnosis"
    return Ruling(ID, "" if findings else said, tuple(findings))


def _finding(kind: str, name: str, check: str, told: str) -> Finding:
    who = {ONLY_NOISE: f"a right answer with {name}", NOISY: f"{name} with noise on it"}.get(kind, f"{name} at once")
    return Finding(ID, f"{name}: {check} tells {told}", f"{check} takes {who} for {told}", STEP)


RULE = Rule(ID, "noise, and two wrong ideas at once, get no false diagnosis", trials, ruling)
