"""One submission, while its checks run: who is asked, with which inputs, and what has passed so far."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

import pytest
import torch

from grader.errors import WireError
from grader.model import Outcome
from grader.referee.devices import unmet
from grader.referee.hearsay import Vocabulary
from grader.referee.margins import Margin
from grader.referee.respondent import Respondent, Student
from grader.referee.suite import Check, Suite
from grader.referee.trusted import Trusted
from grader.referee.usage import NOT_MEASURED, Used
from grader.teaching.diagnosis import Bank
from grader.teaching.leaks import Hidden
from grader.wire.protocol import Call, Reply, Value
from grader.wire.values import unpack
from grader.work import Device

PATIENCE = 60.0  # seconds for a call of the reference, at least


class Known(Student, Protocol):
    """The reference, and what it holds."""

    def close(self) -> None:
        """End what it has started."""


class OnGpu(Student, Protocol):
    """The student, on a GPU that it has to itself."""

    cpu_seconds: float

    def leave(self, *, in_doubt: bool) -> None:
        """Give the GPU back; raise DeviceFault if what came of the check is in doubt, and the GPU at fault."""


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

    @property
    def used(self) -> Used:
        """What the last call used; a trusted fork is not measured."""
        return getattr(self._student, "used", NOT_MEASURED)


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
        devices: Sequence[Device] = (),
        on_gpu: Callable[[Check], OnGpu] | None = None,
    ) -> None:
        self.suite = suite
        self.checks = checks
        self.student = student
        self.seed = seed
        self.known: Known = known or Trusted([suite.reference], suite.probes, str(suite.folder), lasting=True)
        self.devices = devices
        self.on_gpu = on_gpu
        self.at_gpu: OnGpu | None = None  # while a check that needs a GPU runs
        self.cpu_on_gpus = 0.0
        self.bank = Bank(suite)
        self.vocabulary = None if files is None else Vocabulary(files, suite.named.text)
        self.asked: Respondent | None = None
        self.hearings: tuple[pytest.Item | None, list[tuple[str, Hearing]]] = (None, [])  # of the check that runs
        self.awaited = {check.family for check in checks.values()}
        self.passed: set[str] = set()
        self.failed: set[str] = set()
        self.outcomes: dict[str, set[Outcome]] = {}  # of each family's cases
        self.margins: dict[str, list[Margin]] | None = None  # by check, where somebody asks

    def check(self, item: pytest.Item) -> Check:
        """Return the check that an item is."""
        return self.checks[item.nodeid]

    def candidate(self, item: pytest.Item) -> Respondent:
        """Return the student's side, as this check asks it."""
        if self.asked is None:
            check = self.check(item)
            student = self._heard(item, "candidate", self._student(check), self.vocabulary)
            in_its_place = check.gpu is not None and self.student is self.known  # on the CPU, which takes longer
            seconds = max(check.seconds, PATIENCE) if in_its_place else check.seconds
            self.asked = Respondent(student, check.part, seconds, check.memory, nprocs=check.nprocs)
        return self.asked

    def _student(self, check: Check) -> Student:
        """Return who answers a check: on a GPU the same submission, but the reference always on the CPU."""
        if check.gpu is None or self.on_gpu is None or self.student is self.known:
            return self.student
        self.at_gpu = self.at_gpu or self.on_gpu(check)
        return self.at_gpu

    def lacks(self, item: pytest.Item, language: str = "en") -> str:
        """Say what a check needs that this machine does not have; nothing, if it can run."""
        need = self.check(item).gpu
        return unmet(need, self.devices, language) if need else ""

    def leave_gpu(self, *, in_doubt: bool) -> None:
        """Give back the GPU that the check that has just run had.

        Raises:
            DeviceFault: if what came of it is in doubt, and the GPU at fault.
        """
        if self.at_gpu is not None:
            used, self.at_gpu = self.at_gpu, None
            try:
                used.leave(in_doubt=in_doubt)
            finally:
                self.cpu_on_gpus += used.cpu_seconds

    @property
    def cpu_seconds(self) -> float:
        """Processor time of the calls so far, also of those in checks that had a GPU."""
        return float(getattr(self.student, "cpu_seconds", 0.0)) + self.cpu_on_gpus

    def reference(self, item: pytest.Item) -> Respondent:
        """Return the reference, as this check asks it."""
        check = self.check(item)
        known = self._heard(item, "reference", self.known)
        return Respondent(known, check.part, max(check.seconds, PATIENCE), None, trusted=True, nprocs=check.nprocs)

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

    def calls(self, item: pytest.Item) -> list[Call]:
        """Return what a check that has just run asked the student, also where nothing answered."""
        heard = self.hearings[1] if self.hearings[0] is item else []
        return [call for who, hearing in heard if who == "candidate" for call in hearing.calls]

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
        """End the trusted forks, and what a check that did not end had of a GPU."""
        self.leave_gpu(in_doubt=False)
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
