"""How a call ends, said in data."""

from __future__ import annotations

import types

import pytest
import torch

from grader.wire.answer import answer
from grader.wire.protocol import Bound, Call, Missing, Raised, Unsendable, Value
from grader.wire.values import pack, unpack

SOURCE = """
import torch

def add(x, y): return x + y
def fails(): raise ValueError("the student's own words")
def shapes(x): return x @ torch.ones(7, 7)
def unsendable(): return lambda: 0
def stops(): raise SystemExit(3)
def bad_text(): raise Rude()
class Rude(Exception):
    def __str__(self): raise RuntimeError
"""


@pytest.fixture
def student() -> types.ModuleType:
    module = types.ModuleType("student")
    exec(compile(SOURCE, "/work/student.py", "exec"), vars(module))
    return module


@pytest.fixture
def probes() -> types.ModuleType:
    module = types.ModuleType("probes")
    exec("def twice(student, x): return student.add(x, x)\ndef absent(student): return student.nothing()", vars(module))
    return module


def ask(student, probes, target, *args, probe=False):
    return answer(Call(target, probe, pack([list(args), {}])), student, probes, root="/work")


def test_functions_and_probes_answer_with_values(student, probes):
    assert ask(student, probes, "add", 1, 2) == Value(pack(3))
    reply = ask(student, probes, "twice", torch.ones(2), probe=True)
    assert isinstance(reply, Value)
    assert torch.equal(unpack(reply.data), torch.full((2,), 2.0))


def test_a_name_that_is_not_there_is_missing(student, probes):
    assert ask(student, probes, "nothing") == Missing("nothing")
    assert ask(student, probes, "absent", probe=True) == Missing("nothing")


def test_a_students_own_words_stay_behind(student, probes):
    assert ask(student, probes, "fails") == Raised(("ValueError", "Exception"), "student.py, line 5", "")


def test_what_torch_wrote_comes_along(student, probes):
    reply = ask(student, probes, "shapes", torch.ones(2, 3))
    assert isinstance(reply, Raised)
    assert "mat1 and mat2 shapes cannot be multiplied" in reply.message


def test_whatever_a_student_raises_is_an_answer(student, probes):
    assert ask(student, probes, "stops") == Raised(("SystemExit",), "student.py, line 8", "")
    assert ask(student, probes, "bad_text").types[0] == "Rude"


def test_what_is_not_data_is_said_to_be_so(student, probes):
    assert ask(student, probes, "unsendable") == Unsendable("a function is not data and cannot be sent")


def test_a_name_that_is_no_function_is_said_to_be_bound_to_something_else(student, probes):
    student.add = 3
    assert ask(student, probes, "add", 1, 2) == Bound("add", "int")
    call = Call("twice", True, pack([[1], {}]), ("add",))
    assert answer(call, student, probes, root="/work") == Bound("add", "int")


def test_a_type_error_of_another_kind_stays_one(student, probes):
    assert ask(student, probes, "add").types[0] == "TypeError"
