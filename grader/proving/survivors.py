"""What an author reads of mutants: the score, and each that no check noticed, with its diff."""

from __future__ import annotations

from collections.abc import Iterator

from grader.proving.exceptions import FILE
from grader.proving.mutants.entries import RULE
from grader.proving.mutation import MutationScore, Survivor
from grader.proving.proof import Finding, Ruling
from grader.proving.rules.rule import many, named

TARGET = 0.95
STEP = f"add a case that tells each survivor from the solution; one that is the same function goes into {FILE}"
NO_ONE = "no check runs it"


def on_mutants(score: MutationScore) -> Ruling:
    """Rule on the mutants: most must be noticed, and what proof.toml says of the others must be true."""
    said = summary(score)
    findings = score.findings
    if score.share < TARGET:
        low = Finding(RULE, "score", f"{said}; at least {TARGET * 100:g} % should be", STEP)
        findings = (low, *findings)
    return Ruling(
        RULE, "" if score.share < TARGET else said, findings, judgings=score.judged, cpu_seconds=score.cpu_seconds
    )


def summary(score: MutationScore) -> str:
    """Say in one sentence how many were noticed."""
    judged = many(score.mistakes, "mutant")
    said = f"{score.killed} of {judged} noticed ({_rounded_down(score.share)} %)"
    if score.judged < score.mutants:
        said += f", a sample of {score.mutants}"
    if score.equivalent:
        said += f"; {score.equivalent} more {'is' if score.equivalent == 1 else 'are'} equivalent"
    return said


def told(score: MutationScore) -> list[str]:
    """Return the lines that show each survivor: where, what changed, and which checks could have noticed."""
    return [line for survivor in score.survivors for line in _shown(survivor)]


def _shown(survivor: Survivor) -> Iterator[str]:
    yield f"{survivor.function or 'the module'}, line {survivor.line}"
    yield f"  run by {named(survivor.checks)}" if survivor.checks else f"  {NO_ONE}"
    yield from (f"  {line}" for line in survivor.diff.splitlines() if not line.startswith("@@"))
    yield ""


def _rounded_down(share: float) -> float:
    """Return whole and tenths of a percent, never more than there are."""
    return int(share * 1000) / 10
