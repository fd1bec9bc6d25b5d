"""What a check gets when it asks."""

from __future__ import annotations

import types

import pytest
import torch

from grader.checks import CheckFailed
from grader.errors import CheckDefect
from grader.model import Outcome, Part
from grader.referee.faults import StudentFault
from grader.referee.respondent import Differs, Respondent, Same
from grader.wire.protocol import Call, Forbade, Missing, Raised, Reply, Unsendable, Value
from grader.wire.values import pack, unpack

PART = Part(id="double", title="Doubling", points=100, names=("double",), forbidden=("torch.mean",))
NOT_IMPLEMENTED = Raised(("NotImplementedError", "RuntimeError", "Exception"))
VALUE_ERROR = Raised(("UnicodeError", "ValueError", "Exception"), "tiny.py, line 3")

probes = types.ModuleType("probes")
exec("def doubled(student, x): ...\nnested = (lambda: lambda: 0)()", vars(probes))


class Answers:
    """A student with one reply to everything; remembers what it was asked."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.calls: list[Call] = []
        self.terms: list[tuple[float, int | None]] = []

    def ask(self, call: Call, seconds: float, memory: int | None = None) -> Reply:
        self.calls.append(call)
        self.terms.append((seconds, memory))
        return self.reply


def asking(reply: Reply, *, trusted: bool = False) -> Respondent:
    return Respondent(Answers(reply), PART, 2.5, 1 << 20, trusted=trusted)


def value(x: object) -> Value:
    return Value(pack(x))


# ---- run and call ----------------------------------------------------------------------------------------------


def test_a_probe_and_a_function_are_asked_by_name_with_copies_of_the_inputs():
    student = Answers(value(6))
    respondent = Respondent(student, PART, 2.5, 1 << 20)
    x = torch.ones(2)
    assert respondent.run(probes.doubled, x, n=1) == 6
    assert respondent.call("double", x) == 6
    run, call = student.calls
    assert (run.target, run.is_probe, call.target, call.is_probe) == ("doubled", True, "double", False)
    args, kwargs = unpack(run.arguments)
    assert args[0].equal(x)
    assert args[0] is not x
    assert kwargs == {"n": 1}
    assert (run.names, run.forbidden) == (PART.names, PART.forbidden)
    assert student.terms == [(2.5, 1 << 20)] * 2


def test_each_call_is_recorded_with_its_reply():
    respondent = asking(value(6))
    respondent.call("double", 3)
    assert [(call.target, reply) for call, reply in respondent.record] == [("double", value(6))]


def test_nothing_is_forbidden_to_the_reference():
    student = Answers(value(6))
    Respondent(student, PART, 2.5, None, trusted=True).call("double", 3)
    assert student.calls[0].forbidden == ()


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (VALUE_ERROR, "error"),
        (NOT_IMPLEMENTED, "not_attempted"),
        (Missing("double"), "not_attempted"),
        (Forbade("torch.mean"), "forbidden"),
        (Unsendable("a function"), "failed"),
        (Value(b"\xc1 no values"), "failed"),
    ],
    ids=lambda value: getattr(value, "outcome", None) or type(value).__name__,
)
def test_a_student_who_does_not_answer_with_a_value_is_at_fault(reply, outcome):
    with pytest.raises(StudentFault) as fault:
        asking(reply).call("double", 3)
    assert fault.value.outcome is Outcome(outcome)


@pytest.mark.parametrize("reply", [VALUE_ERROR, Missing("double"), Unsendable("a function")])
def test_a_reference_that_does_not_answer_is_the_checks_fault(reply):
    with pytest.raises(CheckDefect, match="the reference cannot answer double: "):
        asking(reply, trusted=True).call("double", 3)


@pytest.mark.parametrize(
    "target", [len, lambda student: 0, probes.nested, 3], ids=["builtin", "lambda", "nested", "int"]
)
def test_what_is_no_function_of_probes_cannot_be_run(target):
    with pytest.raises(CheckDefect, match=r"is not a function of probes\.py"):
        asking(value(1)).run(target)


@pytest.mark.parametrize("thing", [len, torch.Generator(), object()], ids=lambda thing: type(thing).__name__)
def test_an_input_that_is_not_data_is_the_checks_fault(thing):
    with pytest.raises(CheckDefect, match="an input of doubled is not data"):
        asking(value(1)).run(probes.doubled, x=[thing])


# ---- raises ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "reply"),
    [
        pytest.param(UnicodeError, VALUE_ERROR, id="that class"),
        pytest.param(ValueError, VALUE_ERROR, id="a class above it"),
        pytest.param((KeyError, ValueError), VALUE_ERROR, id="one of several"),
        pytest.param(NotImplementedError, NOT_IMPLEMENTED, id="NotImplementedError where it is meant"),
    ],
)
def test_the_exception_that_is_expected_passes(expected, reply):
    respondent = asking(reply)
    respondent.raises(expected, probes.doubled, x=1)
    assert len(respondent.record) == 1


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (value(1), "nothing was raised where ValueError or KeyError is expected"),
        (
            Raised(("TypeError",), "tiny.py, line 3"),
            "TypeError at tiny.py, line 3 was raised where ValueError or KeyEr",
        ),
    ],
    ids=["nothing", "another"],
)
def test_anything_else_fails_the_check(reply, message):
    with pytest.raises(CheckFailed, match=message):
        asking(reply).raises((ValueError, KeyError), "double", 1)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (NOT_IMPLEMENTED, Outcome.NOT_ATTEMPTED),  # a RuntimeError by class: a stub would pass
        (Missing("double"), Outcome.NOT_ATTEMPTED),
        (Forbade("torch.mean"), Outcome.FORBIDDEN),
        (Unsendable("a function"), Outcome.FAILED),
    ],
    ids=["the stub", "missing", "forbidden", "unsendable"],
)
def test_not_to_have_written_it_is_not_to_refuse(reply, outcome):
    with pytest.raises(StudentFault) as fault:
        asking(reply).raises(RuntimeError, "double", 1)
    assert fault.value.outcome is outcome


# ---- same ------------------------------------------------------------------------------------------------------


def same(actual: Reply, expected: Reply) -> Same:
    return Same(asking(actual), asking(expected, trusted=True))


def test_same_compares_by_the_table_and_returns_the_references_answer():
    assert same(value(1.0 + 1e-12), value(1.0))("double", 0.5) == 1.0
    assert same(value(1.1), value(1.0))("double", 0.5, rtol=0.2) == 1.0
    assert same(value(1.1), value(1.0))("double", 0.5, atol=0.2) == 1.0
    with pytest.raises(Differs, match=r"^the mean has the opposite sign of what is expected$"):
        same(value(-1.0), value(1.0))("double", 0.5, name="the mean")


def test_the_reference_is_asked_first_so_that_a_broken_check_is_nobodys_fault():
    with pytest.raises(CheckDefect):
        same(VALUE_ERROR, VALUE_ERROR)("double", 1)
