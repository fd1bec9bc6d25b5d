"""Which misconception explains a student's answers: a hint is given only where exactly one does."""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import WireError
from grader.model import Diagnosis
from grader.referee.compare import difference
from grader.referee.faults import StudentFault
from grader.referee.suite import Suite, Wrong
from grader.referee.trusted import Trusted
from grader.wire.protocol import Call, Raised, Reply, Value
from grader.wire.values import unpack

SECONDS = 10.0

Record = Sequence[tuple[Call, Reply]]


def diagnose(suite: Suite, wrongs: Sequence[Wrong], record: Record, *, language: str) -> Diagnosis | None:
    """Return the one misconception whose answers to the recorded calls equal the student's.

    None if there is no such, or more than one, or if the reference answers so too.
    """
    if not record or answers_so(Trusted(suite.reference, suite.probes, str(suite.folder), lasting=True), record):
        return None
    alike = [wrong for wrong in wrongs if answers_so(_as_student(suite, wrong), record)]
    if len(alike) != 1:
        return None
    found = alike[0]
    return Diagnosis(found.about.name, found.hint if language == "zh" and found.hint else found.about.hint)


def answers_so(student: Trusted, record: Record) -> bool:
    """Whether this module gives the recorded replies to the recorded calls."""
    try:
        return all(alike(student.ask(call, SECONDS), reply) for call, reply in record)
    except StudentFault:
        return False
    finally:
        student.close()


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


def _as_student(suite: Suite, wrong: Wrong) -> Trusted:
    return Trusted(wrong.module, suite.probes, str(suite.folder), lasting=True)
