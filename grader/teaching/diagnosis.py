"""Which misconception explains a student's answers: a hint is given only where exactly one does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from msgspec import Struct

from grader.errors import WireError
from grader.model import Diagnosis, Part
from grader.referee.compare import same_values
from grader.referee.faults import StudentFault
from grader.referee.suite import Suite, Wrong
from grader.referee.trusted import Trusted
from grader.teaching.nearness import Nearness, distance, nearest
from grader.wire.protocol import Call, Halted, Raised, Reply, Value
from grader.wire.values import unpack

SECONDS = 10.0
REFERENCE = 0

Record = Sequence[tuple[Call, Reply]]
Asked = Sequence[tuple[Call, "Answered"]]


class Explained(Struct, frozen=True):
    """What explains a student's answers, or what comes `nearest`, in words for the instructor."""

    diagnosis: Diagnosis | None = None
    nearest: str = ""


NOTHING = Explained()


class Bank:
    """The reference and all misconceptions, asked what the student was asked, in one trusted fork.

    Each has a module of its own and fresh copies of the inputs. What was found once in a part is tried first there.
    """

    def __init__(self, suite: Suite) -> None:
        modules = [suite.reference, *[wrong.module for wrong in suite.misconceptions]]
        self.suite = suite
        self.students = Trusted(modules, suite.probes, str(suite.folder), lasting=True)
        self.found: dict[str, Wrong] = {}  # by part
        self.silent = False  # where nobody reads what is found

    def diagnose(self, part: Part, record: Record, *, passed: Collection[str] = (), language: str) -> Explained:
        """Return the one misconception of the part whose answers to the recorded calls equal the student's.

        There is none if more than one does, if the reference answers so too, or if there is NaN everywhere: many ways
        lead there. A misconception that fails a check which the student `passed` is not theirs.
        """
        if self.silent or any(call.script for call, _ in record):
            return NOTHING  # a misconception is no file that torchrun could run, and each run takes seconds
        try:
            asked = [(call, decoded(reply)) for call, reply in record]
        except WireError:
            return NOTHING
        if all(is_void(answer) for _, answer in asked):
            return NOTHING
        solution = self._nearness(REFERENCE, asked)
        if solution.alike == len(asked):
            return NOTHING
        tried = self._tried(part, asked, passed)
        alike = [wrong for wrong, near in tried.items() if near.alike == len(asked)]
        if len(alike) != 1:
            found = {wrong.about.name: near for wrong, near in tried.items()}
            return Explained(nearest=nearest(found, solution, len(asked), language))
        self.found[part.id] = wrong = alike[0]
        hint = wrong.hint if language == "zh" and wrong.hint else wrong.about.hint
        return Explained(Diagnosis(wrong.about.name, hint))

    def _tried(self, part: Part, asked: Asked, passed: Collection[str]) -> Mapping[Wrong, Nearness]:
        """Return how near the misconceptions come; only the one that was found before, where it explains this too."""
        numbered = {wrong: number for number, wrong in enumerate(self.suite.misconceptions, 1)}
        before = [wrong for wrong in numbered if wrong is self.found.get(part.id)]
        tried = {wrong: self._nearness(numbered[wrong], asked) for wrong in before}
        if any(near.alike == len(asked) for near in tried.values()):
            return tried
        possible = [w for w in self.suite.misconceptions_of(part) if not set(w.about.fails) & set(passed)]
        return {wrong: tried.get(wrong) or self._nearness(numbered[wrong], asked) for wrong in possible}

    def _nearness(self, number: int, asked: Asked) -> Nearness:
        for so_far, (call, theirs) in enumerate(asked):
            try:
                answer = decoded(self.students.ask(call, SECONDS, which=number))
            except (StudentFault, WireError):
                return Nearness(so_far)
            if not alike(answer, theirs):
                return Nearness(so_far, distance(answer.content, theirs.content))
        return Nearness(len(asked))

    def close(self) -> None:
        """End the fork."""
        self.students.close()


class Answered(NamedTuple):
    """A reply, read once: a value, the class of what was raised, or neither."""

    kind: str
    content: Any = None


def decoded(reply: Reply) -> Answered:
    """Read a reply.

    Raises:
        WireError: if its value is none.
    """
    if isinstance(reply, Value):
        return Answered("value", unpack(reply.data))
    if isinstance(reply, Raised):
        return Answered("raised", reply.types[:1])
    if isinstance(reply, Halted):
        return Answered("raised", reply.types[:1]) if reply.how == "raised" else Answered(reply.how, _called(reply))
    return Answered("nothing")


def _called(halted: Halted) -> list[tuple[str, str, tuple[int, ...] | None]]:
    """Return what each rank did where the ranks did not fit together; which is told first is chance."""
    places = sorted((halted.place, *halted.others), key=lambda place: place.rank)
    return [(place.state, place.collective, place.shape) for place in places]


def is_void(answer: Answered) -> bool:
    """Whether an answer is tensors without a single number in them."""
    if answer.kind != "value":
        return False
    leaves = [leaf for leaf in _leaves(answer.content) if isinstance(leaf, torch.Tensor | float)]
    return bool(leaves) and not any(bool(torch.isfinite(torch.as_tensor(leaf)).any()) for leaf in leaves)


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, list | tuple):
        for item in tree:
            yield from _leaves(item)
    elif isinstance(tree, dict):
        yield from _leaves(list(tree.values()))
    else:
        yield tree


def alike(one: Answered, other: Answered) -> bool:
    """Whether two answers are the same: equal values, or exceptions of the same class."""
    if one.kind != other.kind or one.kind == "nothing":
        return False
    if one.kind == "value":
        return same_values(one.content, other.content)
    return bool(one.content == other.content)
