"""Every check is failed by something that is no liar: a misconception, or a careless habit."""

from __future__ import annotations

from collections.abc import Iterator

from grader.proving.bench import Bench
from grader.proving.proof import Finding, Remark, Ruling
from grader.proving.rules import careless, liars, misconceptions
from grader.proving.rules.rule import Rule, many
from grader.proving.trials import Effort, Evidence, Trial, family

ID = "caught"
STEP = "write the misconception that it is there to catch, or take the check out"


def trials(bench: Bench, effort: Effort) -> Iterator[Trial]:
    """Yield what is to fail."""
    for rule in (misconceptions.RULE, careless.RULE, liars.RULE):
        yield from rule.trials(bench, effort)


def ruling(bench: Bench, evidence: Evidence, effort: Effort) -> Ruling:  # noqa: ARG001
    """Look for what fails each check, whichever of its cases."""
    by, lying = failed_by(evidence), failed_by(evidence, liars.ID)
    scripted = {family(name) for name in bench.scripted}
    findings, remarks = [], []
    families = {check.family: check for check in bench.checks.values()}
    for name in families:
        if by.get(name):
            continue
        if name in scripted and lying.get(name):
            remarks.append(Remark(name, f"{name} runs the file as a script: only a file that does nothing fails it"))
            continue
        said = f"is failed by liars alone ({lying[name][0]})" if lying.get(name) else "is failed by nothing"
        findings.append(Finding(ID, name, f"{name} {said}, so nothing shows what it catches", STEP))
    said = (
        f"{len(families) - len(findings) - len(remarks)} of {many(len(families), 'check')} are failed by a wrong idea"
    )
    return Ruling(ID, f"{said} or a careless habit", tuple(findings), tuple(remarks))


def failed_by(evidence: Evidence, *kinds: str) -> dict[str, list[str]]:
    """Return the names of what fails each check; without kinds, of what is no liar."""
    found: dict[str, list[str]] = {}
    for tried in evidence.of(*(kinds or (misconceptions.ID, careless.ID))):
        for result in tried.failed:
            names = found.setdefault(family(result.name), [])
            if tried.trial.name not in names:
                names.append(tried.trial.name)
    return found


RULE = Rule(ID, "every check is failed by a wrong idea or a careless habit", trials, ruling)
