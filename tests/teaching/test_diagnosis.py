"""A hint is given only where exactly one misconception explains what the student answered."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch

from grader.model import Diagnosis, Part
from grader.referee.suite import Suite
from grader.teaching.diagnosis import Bank, alike, decoded, is_void
from grader.wire.protocol import Call, Missing, Raised, Reply, Value
from grader.wire.values import pack
from tests.referee.tiny import copy_of_tiny

DOUBLE = Part(id="double", title="", points=60, names=("double",))
SCALE = Part(id="scale", title="", points=40, names=("Scaler",))

WRONG = """
from grader.checks import misconception

@misconception(replaces="double", hint="It is not 2 more.")
def adds_two(x):
    return x + 2

@misconception(replaces="double", hint="It is not the square.")
def squares(x):
    return x * x

@misconception(replaces="double", hint="It may be negative.")
def refuses_negative_numbers(x):
    if (x < 0).any():
        raise ValueError
    return x + x

@misconception(replaces="double", hint="It ends.", fails=["seven"])
def crashes_at_seven(x):
    if (x == 7).any():
        import os
        os._exit(1)
    return x * x
"""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    solution = copy_of_tiny(tmp_path_factory.mktemp("diagnosis"))
    (solution / "misconceptions.py").write_text(WRONG)
    (solution / "titles.zh.toml").write_text('[hints]\nadds_two = "不是加二。"\n')
    return Suite(solution)


@pytest.fixture
def bank(suite: Suite) -> Iterator[Bank]:
    made = Bank(suite)
    yield made
    made.close()


def call(x: float) -> Call:
    return Call("double", False, pack([[torch.tensor([float(x)])], {}]))


def value(x: float) -> Value:
    return Value(pack(torch.tensor([float(x)])))


VALUE_ERROR = Raised(("ValueError", "Exception"), "their.py, line 9")


@pytest.mark.parametrize(
    ("record", "found"),
    [
        pytest.param([(5, value(7.0))], "adds_two", id="one misconception's answer"),
        pytest.param([(7, value(49.0))], "squares", id="the other one crashes here"),
        pytest.param([(2, value(4.0)), (5, value(7.0))], "adds_two", id="all calls"),
        pytest.param([(-1, VALUE_ERROR)], "refuses_negative_numbers", id="an exception"),
        pytest.param([(5, value(7.0)), (6, value(3.0))], None, id="not all calls"),
        pytest.param([(5, value(25.0))], None, id="two misconceptions"),
        pytest.param([(5, value(1.0))], None, id="no misconception"),
        pytest.param([(2, value(4.0))], None, id="right"),
        pytest.param([(5, value(10.0))], None, id="right, as one misconception is here"),
        pytest.param([(5, VALUE_ERROR)], None, id="another exception"),
        pytest.param([], None, id="nothing was asked"),
    ],
)
def test_who_explains_the_answers(bank, record, found):
    made = [(call(x), reply) for x, reply in record]
    diagnosis = bank.diagnose(DOUBLE, made, language="en").diagnosis
    assert (diagnosis and diagnosis.misconception) == found


def test_the_hint_is_in_the_language_of_the_run_where_there_is_one(bank):
    def hint(x: float, answer: float, language: str) -> str:
        found = bank.diagnose(DOUBLE, [(call(x), value(answer))], language=language).diagnosis
        assert isinstance(found, Diagnosis)
        return found.hint

    assert hint(5, 7.0, "en") == "It is not 2 more."
    assert hint(5, 7.0, "zh") == "不是加二。"
    assert hint(7, 49.0, "zh") == "It is not the square."


def test_a_misconception_of_another_part_explains_nothing(bank):
    assert bank.diagnose(SCALE, [(call(5), value(7.0))], language="en").diagnosis is None


def test_a_misconception_that_would_have_failed_what_the_student_passed_is_not_theirs(bank):
    record = [(call(5), value(25.0))]  # squares, or crashes at seven
    assert bank.diagnose(DOUBLE, record, language="en").diagnosis is None
    found = bank.diagnose(DOUBLE, record, passed=["seven"], language="en").diagnosis
    assert found.misconception == "squares"


@pytest.mark.parametrize("nothing", [float("nan"), float("inf")])
def test_an_answer_without_a_number_in_it_says_nothing_of_how_it_came_to_be(bank, nothing):
    assert is_void(decoded(value(nothing)))
    assert is_void(decoded(Value(pack({"a": [nothing, torch.tensor([nothing])]}))))
    assert not is_void(decoded(Value(pack([torch.tensor([nothing, 1.0])]))))
    assert not is_void(decoded(Value(pack([]))))
    assert not is_void(decoded(VALUE_ERROR))
    record = [(call(nothing), value(nothing))]
    assert bank.diagnose(DOUBLE, record, language="en").diagnosis is None


def test_what_explained_one_check_of_a_part_is_preferred_in_the_next(bank):
    assert bank.diagnose(DOUBLE, [(call(5), value(25.0))], language="en").diagnosis is None
    assert bank.diagnose(DOUBLE, [(call(7), value(49.0))], language="en").diagnosis.misconception == "squares"
    assert bank.diagnose(DOUBLE, [(call(5), value(25.0))], language="en").diagnosis.misconception == "squares"
    assert bank.diagnose(DOUBLE, [(call(5), value(7.0))], language="en").diagnosis.misconception == "adds_two"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        pytest.param([(5, value(7.0)), (6, value(3.0))], "adds_two (1 of 2 calls alike)", id="some calls"),
        pytest.param([(5, value(25.0))], "squares, crashes_at_seven (each answers so)", id="several explain it"),
        pytest.param([(5, value(7.001))], "adds_two (off by 0.014 %, the solution by 43 %)", id="a slip beside it"),
        pytest.param([(5, value(10.001))], "", id="a slip beside the solution"),
        pytest.param([(5, value(7.0))], "", id="explained"),
        pytest.param([(2, value(4.0))], "", id="right"),
        pytest.param([(5, VALUE_ERROR)], "", id="an exception"),
    ],
)
def test_what_comes_nearest_is_told_where_not_one_explains_the_answers(bank, record, said):
    assert bank.diagnose(DOUBLE, [(call(x), reply) for x, reply in record], language="en").nearest == said


def test_nobody_is_asked_again_to_tell_what_comes_nearest(bank, monkeypatch):
    asked = []
    ask = bank.students.ask
    monkeypatch.setattr(bank.students, "ask", lambda *args, **which: asked.append(which) or ask(*args, **which))
    bank.diagnose(DOUBLE, [(call(5), value(7.0))], language="en")
    asked.clear()
    bank.diagnose(DOUBLE, [(call(5), value(7.0)), (call(6), value(3.0))], language="en")
    numbers = [one["which"] for one in asked]
    assert sorted(numbers) == [0, 1, 1, 2, 3, 4]  # the solution; each once, and what answers the first call alike twice


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(value(1.0), value(1.0), True, id="values"),
        pytest.param(value(1.0), value(2.0), False, id="other values"),
        pytest.param(value(1.0), VALUE_ERROR, False, id="a value and an exception"),
        pytest.param(VALUE_ERROR, Raised(("ValueError",)), True, id="exceptions from two places"),
        pytest.param(VALUE_ERROR, Raised(("UnicodeError", "ValueError")), False, id="exceptions of two classes"),
        pytest.param(Missing("a"), Missing("a"), False, id="no answers"),
    ],
)
def test_two_replies_are_alike(one: Reply, other: Reply, same: bool):
    assert alike(decoded(one), decoded(other)) is same


def test_no_fork_is_left_behind(suite):
    bank = Bank(suite)
    bank.diagnose(DOUBLE, [(call(5), value(7.0))], language="en")
    pid, _ = bank.students.fork
    bank.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_bytes_that_are_no_value_are_not_diagnosed(bank):
    part = bank.suite.assignment.parts[0]
    assert (
        bank.diagnose(part, [(Call("double", False, pack([[1], {}])), Value(b"\xc1"))], language="en").diagnosis is None
    )
