"""One submission, while its checks run: who is asked, with which inputs, and what has passed so far."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol

import pytest
import torch

from grader.errors import WireError
from grader.model import Outcome
from grader.referee.hearsay import Vocabulary
from grader.referee.respondent import Respondent, Student
from grader.referee.suite import Check, Suite
from grader.referee.trusted import Trusted
from grader.teaching.diagnosis import Bank
from grader.teaching.leaks import Hidden
from grader.wire.protocol import Call, Reply, Value
from grader.wire.values import unpack


class Known(Student, Protocol):
    """The reference, and what it holds."""

    def close(self) -> None:
        """End what it has started."""


class Hearing:
    """A student, or the reference, while one check asks it: keeps what is hidden from students.

    `vocabulary` holds a student to words that it had before; the reference needs none.
    """

    def __init__(self, student: Student, vocabulary: Vocabulary | None = None) -> None:
        self._student = student
        self._vocabulary = vocabulary
        self.calls: list[Call] = []
        self.replies: list[Reply] = []

    def ask(self, call: Call, seconds: float, memory: int | None = None) -> Reply:
        """Return the reply to one call. What it asks is kept even where nothing answers."""
        self.calls.append(call)
        reply = self._student.ask(call, seconds, memory)
        self.replies.append(reply)
        return self._vocabulary.reduced(reply, call) if self._vocabulary else reply


class Grading:
    """The submission that is being graded, as the fixtures see it. `files` are those of a student in a sandbox."""

    def __init__(
        self,
        suite: Suite,
        checks: dict[str, Check],
        student: Student,
        seed: bytes,
        *,
        known: Known | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        self.suite = suite
        self.checks = checks
        self.student = student
        self.seed = seed
        self.known: Known = known or Trusted([suite.reference], suite.probes, str(suite.folder), lasting=True)
        self.bank = Bank(suite)
        self.vocabulary = None if files is None else Vocabulary(files, suite.named.text)
        self.asked: Respondent | None = None
        self.hearings: tuple[pytest.Item | None, list[tuple[str, Hearing]]] = (None, [])  # of the check that runs
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
            student = self._heard(item, "candidate", self.student, self.vocabulary)
            self.asked = Respondent(student, check.part, check.seconds, check.memory)
        return self.asked

    def reference(self, item: pytest.Item) -> Respondent:
        """Return the reference, as this check asks it."""
        check = self.check(item)
        known = self._heard(item, "reference", self.known)
        return Respondent(known, check.part, max(check.seconds, 60.0), None, trusted=True)

    def _heard(self, item: pytest.Item, who: str, student: Student, vocabulary: Vocabulary | None = None) -> Hearing:
        if self.hearings[0] is not item:
            self.hearings = item, []
        self.hearings[1].append((who, hearing := Hearing(student, vocabulary)))
        return hearing

    def hidden(self, item: pytest.Item) -> dict[str, Hidden]:
        """Return what a check that has just run drew and what the reference answered: never for a student."""
        heard = self.hearings[1] if self.hearings[0] is item else []
        answers = [reply for who, hearing in heard if who == "reference" for reply in hearing.replies]
        return {
            "a hidden input": Hidden(_unpacked(call.arguments for _, hearing in heard for call in hearing.calls)),
            "an expected value": Hidden(_unpacked(reply.data for reply in answers if isinstance(reply, Value))),
        }

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


def _unpacked(values: Iterable[bytes]) -> Iterator[Any]:
    for data in values:
        with suppress(WireError):
            yield unpack(data)


GRADINGS: pytest.StashKey[dict[str, Grading]] = pytest.StashKey()


def current(item: pytest.Item) -> Grading:
    """Return the grading to which an item belongs, by its folder."""
    return item.config.stash[GRADINGS][str(item.path.parent)]
