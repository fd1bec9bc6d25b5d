"""What a proof is made of: what each rule proved of an assignment's checks, and what it found instead."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Finding(Struct, frozen=True):
    """A break of a rule. `about` is what it is about, as the table prints it and as proof.toml accepts it."""

    rule: str
    about: str
    problem: str
    step: str


class Accepted(Struct, frozen=True):
    """A finding that the assignment's authors stand by, and why."""

    finding: Finding
    reason: str


class Remark(Struct, frozen=True):
    """What an author should know, and need not mend."""

    about: str
    said: str


class Ruling(Struct, frozen=True):
    """What one rule came to. `proven` says what holds, in words; `left_out` why it was not looked at, or nothing."""

    rule: str
    proven: str = ""
    findings: tuple[Finding, ...] = ()
    remarks: tuple[Remark, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    left_out: str = ""
    judgings: int = 0
    cpu_seconds: float = 0.0


class CheckShown(Struct, frozen=True):
    """What was shown of one check: who fails it, and how close right and wrong answers come to its tolerance.

    `right` is the largest share of the tolerance that a right answer used; `wrong` is how many tolerances the nearest
    wrong one is off. None where it compares nothing.
    """

    name: str
    part: str
    points: float
    failed_by: tuple[str, ...] = ()
    liars: tuple[str, ...] = ()  # those that fail it, where nothing else does
    right: float | None = None
    wrong: float | None = None


class MisconceptionShown(Struct, frozen=True):
    """What came of one misconception. `beyond` are the checks that it lost and does not name."""

    name: str
    replaces: str
    lost: float
    possible: float
    diagnosed: tuple[str, ...] = ()  # the checks that told it
    beyond: tuple[str, ...] = ()


class Proof(Struct, frozen=True):
    """All that was proven of an assignment."""

    assignment: str
    title: str
    rulings: tuple[Ruling, ...]
    checks: tuple[CheckShown, ...] = ()
    misconceptions: tuple[MisconceptionShown, ...] = ()
    mutants: Any = None  # the MutationScore, where it was asked for
    seeds: int = 0
    seconds: float = 0.0
    format: str = "grader-proof/1"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every break that nobody accepted."""
        return tuple(finding for ruling in self.rulings for finding in ruling.findings)
