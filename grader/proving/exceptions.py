"""What a proof may leave open, each with its reason: `proof.toml` beside the hidden checks.

[[accepted]]                     # a finding that stands
rule = "careless"
about = "wrong_dtype: weights"
reason = "..."

[[equivalent]]                   # a mutant that is no mistake: see mutation.py
was = "return a + b"
becomes = "return b + a"
within = "double"
reason = "..."
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader.model import Assignment
from grader.proving.proof import Accepted, Finding, Ruling
from grader.schema import read_table

FILE = "proof.toml"


class AcceptedFinding(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of `accepted`: the finding of this rule about this, and why it stands."""

    rule: str
    about: str
    reason: str


class Equivalent(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of `equivalent`: a mutant of `within`, a qualified name, that is the same function; and why."""

    was: str
    becomes: str
    within: str
    reason: str


class ProofFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    accepted: tuple[AcceptedFinding, ...] = ()
    equivalent: tuple[Equivalent, ...] = ()


def exceptions_of(assignment: Assignment) -> ProofFile:
    """Read the file of an assignment; without one, nothing is left open.

    Raises:
        CourseError: if it is no such file.
    """
    path = (assignment.solution or Path()) / FILE
    return read_table(path, ProofFile) if path.is_file() else ProofFile()


def on_exceptions(rulings: Sequence[Ruling], accepted: Sequence[AcceptedFinding], known: Collection[str]) -> Ruling:
    """Rule on the entries themselves. `known` are the rules that there are."""
    found = {(finding.rule, finding.about) for ruling in rulings for finding in _all_of(ruling)}
    asked = {ruling.rule for ruling in rulings if not ruling.left_out}
    findings = []
    for entry in accepted:
        name = f"{entry.rule}: {entry.about}"
        if not entry.reason.strip():
            findings.append(_finding(name, "the entry has no reason", "say in `reason` why it stands"))
        elif entry.rule not in known:
            findings.append(_finding(name, "the entry names a rule that is not there", f"one of: {', '.join(known)}"))
        elif entry.rule in asked and (entry.rule, entry.about) not in found:
            findings.append(_finding(name, "the entry accepts what was not found", f"take the entry out of {FILE}"))
    return Ruling("exceptions", _counted(rulings), tuple(findings))


def _finding(about: str, problem: str, step: str) -> Finding:
    return Finding("exceptions", about, problem, step)


def _counted(rulings: Sequence[Ruling]) -> str:
    accepted = sum(len(ruling.accepted) for ruling in rulings)
    return f"{accepted} finding{'' if accepted == 1 else 's'} accepted in {FILE}" if accepted else "nothing is accepted"


def _all_of(ruling: Ruling) -> list[Finding]:
    return [*ruling.findings, *(accepted.finding for accepted in ruling.accepted)]


def excused(ruling: Ruling, accepted: Sequence[AcceptedFinding]) -> Ruling:
    """Return the ruling with those findings set apart that are accepted with a reason."""
    reasons = {(entry.rule, entry.about): entry.reason for entry in accepted if entry.reason.strip()}
    stands = [f for f in ruling.findings if (f.rule, f.about) in reasons]
    return replace(
        ruling,
        findings=tuple(finding for finding in ruling.findings if finding not in stands),
        accepted=tuple(Accepted(finding, reasons[finding.rule, finding.about]) for finding in stands),
    )
