"""One submission, while its checks run: who is asked, with which inputs, and what has passed so far."""

from __future__ import annotations

import hmac
from typing import Protocol

import pytest
import torch

from grader.model import Outcome
from grader.referee.respondent import Respondent, Student
from grader.referee.suite import Check, Suite
from grader.referee.trusted import Trusted
from grader.teaching.diagnosis import Bank


class Known(Student, Protocol):
    """The reference, and what it holds."""

    def close(self) -> None:
        """End what it has started."""


class Grading:
    """The submission that is being graded, as the fixtures see it."""

    def __init__(
        self,
        suite: Suite,
        checks: dict[str, Check],
        student: Student,
        seed: bytes,
        *,
        known: Known | None = None,
    ) -> None:
        self.suite = suite
        self.checks = checks
        self.student = student
        self.seed = seed
        self.known: Known = known or Trusted([suite.reference], suite.probes, str(suite.folder), lasting=True)
        self.bank = Bank(suite)
        self.asked: Respondent | None = None
        self.awaited = {check.family for check in checks.values()}
        self.passed: set[str] = set()
        self.failed: set[str] = set()
        self.outcomes: dict[str, set[Outcome]] = {}  # of each family's cases

    def check(self, item: pytest.Item) -> Check:
        """Return the check that an item is."""
        return self.checks[item.nodeid]

    def candidate(self, item: pytest.Item) -> Respondent:
        """Return the student's side, as this check asks it."""
        if self.asked is None:
            check = self.check(item)
            self.asked = Respondent(self.student, check.part, check.seconds, check.memory)
        return self.asked

    def reference(self, item: pytest.Item) -> Respondent:
        """Return the reference, as this check asks it."""
        check = self.check(item)
        return Respondent(self.known, check.part, max(check.seconds, 60.0), None, trusted=True)

    def generator(self, item: pytest.Item) -> torch.Generator:
        """Return this check's generator: the same for the same seed and name, wherever it runs."""
        digest = hmac.digest(self.seed, self.check(item).name.encode(), "sha256")
        return torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)

    def missing(self, item: pytest.Item) -> list[str]:
        """Return the checks that this one comes after and that have not passed."""
        before = [name for name in self.check(item).after if name in self.awaited]
        return [name for name in before if name in self.failed or name not in self.passed]

    def settle(self, item: pytest.Item, passed: bool) -> None:
        """Note how a check ended; a family has passed when all of its cases have."""
        family = self.check(item).family
        (self.passed if passed else self.failed).add(family)

    def close(self) -> None:
        """End the trusted forks."""
        self.known.close()
        self.bank.close()


GRADINGS: pytest.StashKey[dict[str, Grading]] = pytest.StashKey()


def current(item: pytest.Item) -> Grading:
    """Return the grading to which an item belongs, by its folder."""
    return item.config.stash[GRADINGS][str(item.path.parent)]
