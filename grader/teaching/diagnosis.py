"""Which misconception explains a student's answers: a hint is given only where exactly one does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import torch

from grader.errors import WireError
from grader.model import Diagnosis, Part
from grader.referee.compare import difference
from grader.referee.faults import StudentFault
from grader.referee.suite import Suite, Wrong
from grader.referee.trusted import Trusted
from grader.wire.protocol import Call, Raised, Reply, Value
from grader.wire.values import unpack

SECONDS = 10.0
REFERENCE = 0

Record = Sequence[tuple[Call, Reply]]


class Bank:
    """The reference and all misconceptions, asked what the student was asked, in one trusted fork.

    Each has a module of its own and fresh copies of the inputs. What was found once in a part is tried first there.
    """

    def __init__(self, suite: Suite) -> None:
        modules = [suite.reference, *[wrong.module for wrong in suite.misconceptions]]
        self.suite = suite
        self.students = Trusted(modules, suite.probes, str(suite.folder), lasting=True)
        self.found: dict[str, Wrong] = {}  # by part

    def diagnose(self, part: Part, record: Record, *, passed: Collection[str] = (), language: str) -> Diagnosis | None:
        """Return the one misconception of the part whose answers to the recorded calls equal the student's.

        None if there is no such, or more than one, if the reference answers so too, or if there is NaN everywhere:
        many ways lead there. A misconception that fails a check which the student `passed` is not theirs.
        """
        if all(is_void(reply) for _, reply in record) or self._answers_so(REFERENCE, record):
            return None
        wrong = self._explaining(part, record, passed)
        if wrong is None:
            return None
        self.found[part.id] = wrong
        return Diagnosis(wrong.about.name, wrong.hint if language == "zh" and wrong.hint else wrong.about.hint)

    def _explaining(self, part: Part, record: Record, passed: Collection[str]) -> Wrong | None:
        found = self.found.get(part.id)
        numbered = {wrong.about.name: number for number, wrong in enumerate(self.suite.misconceptions, 1)}
        if found is not None and self._answers_so(numbered[found.about.name], record):
            return found
        possible = [w for w in self.suite.misconceptions_of(part) if not set(w.about.fails) & set(passed)]
        alike = [w for w in possible if self._answers_so(numbered[w.about.name], record)]
        return alike[0] if len(alike) == 1 else None

    def _answers_so(self, number: int, record: Record) -> bool:
        try:
            return all(alike(self.students.ask(call, SECONDS, which=number), reply) for call, reply in record)
        except StudentFault:
            return False

    def close(self) -> None:
        """End the fork."""
        self.students.close()


def is_void(reply: Reply) -> bool:
    """Whether an answer is tensors without a single number in them."""
    if not isinstance(reply, Value):
        return False
    try:
        tree = unpack(reply.data)
    except WireError:
        return True
    leaves = [leaf for leaf in _leaves(tree) if isinstance(leaf, torch.Tensor | float)]
    return bool(leaves) and not any(bool(torch.isfinite(torch.as_tensor(leaf)).any()) for leaf in leaves)


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, list | tuple):
        for item in tree:
            yield from _leaves(item)
    elif isinstance(tree, dict):
        yield from _leaves(list(tree.values()))
    else:
        yield tree


def alike(one: Reply, other: Reply) -> bool:
    """Whether two replies are the same answer: equal values, or exceptions of the same class."""
    if isinstance(one, Value) and isinstance(other, Value):
        try:
            return difference(unpack(one.data), unpack(other.data)) is None
        except WireError:
            return False
    if isinstance(one, Raised) and isinstance(other, Raised):
        return one.types[:1] == other.types[:1]
    return False
