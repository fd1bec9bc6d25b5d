"""The mutation score: of all small changes to the reference, how many the hidden checks notice."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from grader.errors import GraderError
from grader.proving.bench import Bench
from grader.proving.crew import done_by
from grader.proving.exceptions import Equivalent
from grader.proving.mutants.entries import marked, on_entries
from grader.proving.mutants.hunt import Fate, Hunt
from grader.proving.mutants.mutant import Mutant
from grader.proving.mutants.survey import Survey
from grader.proving.proof import Finding
from grader.proving.trials import cpu_seconds
from grader.teaching.source import source_of

LIBRARY = {"mutmut", "libcst"}


class Survivor(Struct, frozen=True):
    """A mutant that no check noticed, and the checks that ran the function in which it is."""

    function: str
    line: int
    was: str
    becomes: str
    diff: str
    checks: tuple[str, ...]


class MutationScore(Struct, frozen=True):
    """What became of the mutants. Those marked as equivalent count neither way, unless a check noticed them."""

    mutants: int
    judged: int
    killed: int
    equivalent: int
    late: int = 0  # of those killed: by taking too long
    survivors: tuple[Survivor, ...] = ()
    findings: tuple[Finding, ...] = ()  # what is wrong with the entries of proof.toml
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def mistakes(self) -> int:
        """How many of the mutants that were judged are mistakes."""
        return self.judged - self.equivalent

    @property
    def share(self) -> float:
        """The share of the mistakes that a check notices."""
        return self.killed / self.mistakes if self.mistakes else 1.0


def mutated(
    bench: Bench,
    workers: int,
    equivalents: Sequence[Equivalent] = (),
    progress: Callable[[int, int], None] | None = None,
    limit: int | None = None,
) -> MutationScore:
    """Judge the mutants of the reference, or `limit` of them: the same ones until the reference changes.

    `progress` hears how many of how many are judged.

    Raises:
        GraderError: if mutmut is not installed, or the reference loses a check.
    """
    started, used = time.monotonic(), cpu_seconds()
    source = source_of(bench.assignment)
    mutants = _mutants(source)
    survey = Survey(bench, source)
    fates: dict[int, Fate] = {}
    with TemporaryDirectory(prefix="mutants") as folder:
        hunt = Hunt(survey, mutants, Path(folder))
        chosen = _sample(len(mutants), limit, source)
        for number, fate in done_by(hunt.fate, chosen, workers):
            fates[number] = fate
            if progress is not None:
                progress(len(fates), len(chosen))
    score = _score(survey, mutants, fates, equivalents)
    return replace(score, seconds=time.monotonic() - started, cpu_seconds=cpu_seconds() - used)


def _mutants(source: Path) -> tuple[Mutant, ...]:
    try:
        from grader.proving.mutants.making import mutants_of
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in LIBRARY:
            raise
        raise GraderError(
            "mutmut, which makes the mutants, is not installed", step="pip install 'dlgrader[mutate]'"
        ) from error
    return mutants_of(source.read_text(encoding="utf-8"), source)


def _sample(count: int, limit: int | None, source: Path) -> list[int]:
    """Return the numbers of those to judge, drawn by a seed that is the source's digest."""
    if limit is None or limit >= count:
        return list(range(count))
    chance = random.Random(hashlib.sha256(source.read_bytes()).digest())
    return sorted(chance.sample(range(count), limit))


def _score(
    survey: Survey,
    mutants: Sequence[Mutant],
    fates: Mapping[int, Fate],
    equivalents: Sequence[Equivalent],
) -> MutationScore:
    alive = [mutants[number] for number in sorted(fates) if not fates[number].killed]
    mistakes = [mutant for mutant in alive if not marked(mutant, equivalents)]
    return MutationScore(
        mutants=len(mutants),
        judged=len(fates),
        killed=len(fates) - len(alive),
        equivalent=len(alive) - len(mistakes),
        late=sum(fate.late for fate in fates.values()),
        survivors=tuple(_survivor(survey, mutant) for mutant in mistakes),
        findings=tuple(on_entries(equivalents, mutants, fates)),
    )


def _survivor(survey: Survey, mutant: Mutant) -> Survivor:
    asking = {item.nodeid for item in survey.asking(mutant.function)}
    checks = tuple(check.name for node, check in survey.checks.items() if node in asking)  # as they are written
    diff = mutant.diff(survey.source.read_text(encoding="utf-8"))
    return Survivor(mutant.function, mutant.line, mutant.was, mutant.becomes, diff, checks)
