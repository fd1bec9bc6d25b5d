"""What came of the public checks. All of it is the student's to read: formative, so without points."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from grader.model import Assignment, Outcome, Part


class Place(Struct, frozen=True):
    """A line that somebody can go to: `tiny.py, line 12` or `cell 4, line 2`, and what stands there."""

    label: str
    code: str = ""


class PublicCheck(Struct, frozen=True):
    """One function of test_public.py, with all of its cases: the first that did not pass tells how it ended."""

    name: str
    title: str
    part: int  # the part's number, 0 for none
    outcome: Outcome
    message: str = ""  # what the assertion says, or the exception
    detail: str = ""  # what pytest adds to it: the values
    case: str = ""  # of a parametrized check
    student: Place | None = None  # the line of the student's own code
    check: Place | None = None  # the line of test_public.py
    printed: str = ""
    step: str = ""


class PublicRun(Struct, frozen=True):
    """The public checks of one file, or of one notebook that is open."""

    assignment: Assignment
    subject: str
    checks: tuple[PublicCheck, ...]
    notes: tuple[str, ...] = ()
    stopped: str = ""  # the title of the check that Ctrl-C stopped
    stopped_at: Place | None = None

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return self.count(Outcome.PASSED)

    @property
    def good(self) -> bool:
        """Whether all was run and nothing failed. What needs other hardware does not count."""
        return not self.stopped and all(check.outcome in (Outcome.PASSED, Outcome.PENDING) for check in self.checks)

    def count(self, *outcomes: Outcome) -> int:
        """How many checks ended so."""
        return sum(check.outcome in outcomes for check in self.checks)

    def by_part(self) -> Iterator[tuple[int, Part | None, tuple[PublicCheck, ...]]]:
        """Yield each part's number, the part (None for what belongs to none) and its checks."""
        for number, part in (*enumerate(self.assignment.parts, 1), (0, None)):
            checks = tuple(check for check in self.checks if check.part == number)
            if checks:
                yield number, part, checks
