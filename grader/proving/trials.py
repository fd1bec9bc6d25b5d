"""Trials: the modules that are judged to prove checks, and what came of them, for every rule to read.

A rule says which trials it needs; two rules that need the same one share it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import NamedTuple

from msgspec import Struct

from grader.model import CheckResult, Outcome
from grader.proving.bench import Bench
from grader.proving.crew import done_by
from grader.referee.margins import Margin

UNHARMED = {Outcome.PASSED, Outcome.PENDING}
UNHEARD = {Outcome.BLOCKED, Outcome.NOT_ATTEMPTED}  # nothing was said of the answer


class Effort(Struct, frozen=True):
    """How much is tried: seeds for the reference, seeds for each alternative, samples of what is drawn by chance."""

    seeds: int = 20
    alternative_seeds: int = 3
    pairs: int = 30
    noisy: int = 30


class Key(NamedTuple):
    """What tells one trial from another."""

    kind: str
    name: str
    parts: tuple[str, ...]
    seed: int


class Trial(Struct, frozen=True):
    """A module to judge, made where it is judged. Without `parts` by the checks of all.

    `only` names the checks, if not all of them. `scripts`: also by the checks that run the submission's file under
    torchrun, which take seconds each. `lasting`: no call leaves it changed, so that one fork can answer all.
    `alone`: checks of `only` wait for none that is not among them.
    """

    kind: str
    name: str
    make: Callable[[], ModuleType]
    parts: tuple[str, ...] = ()
    seed: int = 0
    diagnose: bool = False
    seconds: float | None = None
    scripts: bool = False
    only: tuple[str, ...] = ()
    lasting: bool = False
    alone: bool = False

    @property
    def key(self) -> Key:
        """What tells it from the others."""
        return Key(self.kind, self.name, self.parts, self.seed)


class Tried(Struct, frozen=True):
    """What came of a trial, by the checks' names."""

    trial: Key
    results: Mapping[str, CheckResult]
    margins: Mapping[str, float]  # the largest share of a limit that an answer used
    cpu_seconds: float = 0.0
    scripted: frozenset[str] = frozenset()  # the checks that ran a file under torchrun

    @property
    def lost(self) -> list[CheckResult]:
        """The results that cost points."""
        return [result for result in self.results.values() if result.outcome not in UNHARMED]

    @property
    def failed(self) -> list[CheckResult]:
        """The results of checks that looked at an answer and did not accept it."""
        return [result for result in self.lost if result.outcome not in UNHEARD]

    @property
    def diagnosed(self) -> dict[str, str]:
        """The misconception that each check told."""
        return {name: r.diagnosis.misconception for name, r in self.results.items() if r.diagnosis}


class Evidence:
    """What came of all trials so far."""

    def __init__(self, tried: Iterable[Tried] = ()) -> None:
        self.tried = {one.trial: one for one in tried}

    def of(self, *kinds: str) -> Iterator[Tried]:
        """Yield what came of the trials of these kinds."""
        return (tried for key, tried in self.tried.items() if key.kind in kinds)

    def seen(self, trials: Iterable[Trial]) -> list[Tried]:
        """Return what came of these trials, in their order."""
        return [self.tried[trial.key] for trial in trials]


def tried(bench: Bench, trial: Trial) -> Tried:
    """Judge what a trial makes."""
    before = cpu_seconds()
    margins: dict[str, list[Margin]] = {}
    results = bench.judged(
        trial.make(),
        b"seed %d" % trial.seed,
        parts=trial.parts or None,
        only=trial.only,
        without=_left_out(bench, trial),
        diagnose=trial.diagnose,
        seconds=trial.seconds,
        lasting=trial.lasting,
        margins=margins,
    )
    used = {name: max(margin.used for margin in seen) for name, seen in margins.items() if seen}
    return Tried(trial.key, results, used, cpu_seconds() - before, frozenset(bench.scripted))


def _left_out(bench: Bench, trial: Trial) -> set[str]:
    if trial.alone:
        return {check.name for check in bench.checks.values()} - {*trial.only}
    return set() if trial.scripts else bench.scripted


def all_tried(
    bench: Bench, trials: Iterable[Trial], workers: int, done: Callable[[Tried], None] = lambda _: None
) -> Evidence:
    """Try them side by side, each once; `done` hears of each as it ends."""
    by_key = {trial.key: trial for trial in trials}
    evidence = Evidence()
    for key, one in done_by(lambda key: tried(bench, by_key[key]), list(by_key), workers):
        evidence.tried[key] = one
        done(one)
    return Evidence(evidence.tried[key] for key in by_key)


def cpu_seconds() -> float:
    """Return the processor time of this process and of those that it has waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def family(check: str) -> str:
    """Return a check's name without its case."""
    return check.partition("[")[0]
