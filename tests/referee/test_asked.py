"""What a student reads of a call: enough to write such a one, and no number of it."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest
import torch

from grader.checks import CheckFailed
from grader.model import CheckResult, Outcome
from grader.referee.asked import LONGEST, Wording, deciding, in_words, told
from grader.referee.faults import StudentFault
from grader.referee.respondent import Differs
from grader.referee.suite import Suite
from grader.wire.protocol import Call, Ranks, Script
from grader.wire.values import pack
from tests.referee.tiny import RIGHT, a_course, copy_of_tiny, judged


def averages(student, w0):
    """The averages at the end.

    More of them.
    """


def bare(student):
    pass


PROBES = types.SimpleNamespace(averages=averages, bare=bare)


def call(target: str, *args: Any, is_probe: bool = False, **inputs: Any) -> Call:
    return Call(target, is_probe, pack([list(args), inputs]))


def words(*calls: Call, known: str = "", language: str = "en", sizes: bool = True) -> str:
    return in_words(calls, Wording(PROBES, frozenset({"attention"}), known, language, sizes))


def of_input(value: Any, **options: Any) -> str:
    return words(call("f", value), **options).removeprefix("f(").removesuffix(")")


# ---- values ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(torch.zeros(2, 3, dtype=torch.float64), "float64[2, 3]", id="a tensor"),
        pytest.param(torch.tensor(7), "int64[]", id="a tensor without axes"),
        pytest.param(np.zeros((4, 1), dtype=np.float32), "array float32[4, 1]", id="an array"),
        pytest.param(42, "int", id="an int"),
        pytest.param(0.625, "float", id="a float"),
        pytest.param(1j, "complex", id="a complex number"),
        pytest.param("secret", "str", id="a string"),
        pytest.param(b"secret", "bytes", id="bytes"),
        pytest.param({"secret": 4}, "dict", id="a dict"),
        pytest.param([1, 2, 3], "[int, int, int]", id="a short list"),
        pytest.param([1.5] * 4, "[float, float, float, …]", id="a list"),
        pytest.param((torch.zeros(3), 1), "(float32[3], int)", id="a tuple"),
        pytest.param([], "[]", id="an empty list"),
        pytest.param([[[[1]]]], "[[[[…]]]]", id="a deep list"),
        pytest.param(True, "True", id="a bool of its own"),
        pytest.param([True, False], "[bool, bool]", id="bools that may be drawn"),
        pytest.param(None, "None", id="None"),
        pytest.param(torch.float32, "torch.float32", id="a dtype"),
        pytest.param(torch.device("cpu"), "cpu", id="a device"),
    ],
)
def test_an_input_is_said_by_its_kind_and_size(value, said):
    assert of_input(value) == said


def test_a_word_that_students_know_already_is_said():
    known = "minimise(f, method) with `spsa` or `two_sided`"
    assert of_input("spsa", known=known) == '"spsa"'
    assert of_input("sps", known=known) == "str"
    assert of_input("`spsa` or", known=known) == "str"
    assert of_input(["spsa"], known=known) == '["spsa"]'


def test_without_sizes_a_tensor_tells_how_many_axes_it_has():
    assert of_input(torch.zeros(128, 7), sizes=False) == "float32[…, …]"


# ---- calls -----------------------------------------------------------------------------------------------------


def test_a_function_is_said_as_it_is_called():
    assert words(call("attention", torch.zeros(2), causal=True)) == "attention(float32[2], causal=True)"


def test_a_probe_is_said_by_what_it_is_for():
    probe = call("averages", w0=1.0, is_probe=True)
    assert words(probe) == "The averages at the end, given w0=float"
    assert words(call("averages", is_probe=True)) == "The averages at the end"


def test_a_probe_that_is_told_what_to_call_is_said_with_that_call():
    probe = call("averages", 7, "attention", torch.zeros(2), causal=True, is_probe=True)
    assert words(probe) == "The averages at the end: attention(float32[2], causal=True)"
    assert words(probe, language="zh") == "attention(float32[2], causal=True)"


def test_a_probe_is_said_by_its_name_in_chinese_or_without_a_docstring():
    assert words(call("averages", w0=1.0, is_probe=True), language="zh") == "averages(w0=float)"
    assert words(call("bare", is_probe=True)) == "bare()"
    assert words(call("absent", is_probe=True)) == "absent()"


def test_it_says_in_how_many_processes():
    ranked = Call("averages", True, pack([[], {}]), ranks=Ranks(4))
    assert words(ranked) == "The averages at the end, in 4 processes"
    assert words(ranked, language="zh") == "averages()，在 4 个进程中"
    scripted = Call("bare", True, pack([[], {}]), script=Script(1, ("--seed", "77")))
    assert words(scripted) == "your file, run by torchrun in 1 process; then: bare()"


def test_calls_of_one_kind_are_said_once_and_of_many_kinds_the_last():
    assert words(call("f", 1), call("f", 2), call("g")) == "f(int); g()"
    assert words(*(call(name) for name in "abcde")) == "…; d(); e()"


def test_what_is_long_is_cut():
    said = words(call("f", **{f"name_{number}": 1 for number in range(100)}))
    assert (len(said), said[-1]) == (LONGEST, "…")


def test_of_a_call_that_cannot_be_read_nothing_is_said(tmp_path):
    assert told([Call("double", False, b"\xc1")], Suite(copy_of_tiny(tmp_path)), (), "en") == ""


def test_what_decided_is_the_last_call_unless_the_check_compared_several():
    calls = [call("f"), call("g")]
    for alone in (Differs("it differs"), StudentFault(Outcome.ERROR, "it raised")):
        assert deciding(calls, alone) == calls[1:]
    assert deciding(calls, CheckFailed("f is not g")) == calls


# ---- in a check ------------------------------------------------------------------------------------------------


WRONG = "def double(x):\n    return 3 * x\n"


def asked(results: dict[str, CheckResult]) -> dict[str, str]:
    return {name: result.asked for name, result in results.items()}


def a_check(body: str, after: str = "") -> str:
    return (
        f'@check("double", points=100{after})\ndef test_a(same, candidate, reference, rng):\n    """A."""\n    {body}\n'
    )


def test_a_check_that_passed_or_was_not_reached_says_nothing_of_what_was_asked(tmp_path):
    tiny = copy_of_tiny(tmp_path)
    assert set(asked(judged(tiny, RIGHT)).values()) == {""}
    unwritten = judged(tiny, "def double(x):\n    raise NotImplementedError\n")
    assert {result.outcome for result in unwritten.values()} == {Outcome.NOT_ATTEMPTED, Outcome.BLOCKED}
    assert set(asked(unwritten).values()) == {""}


@pytest.mark.parametrize(
    "student",
    [
        pytest.param(WRONG, id="wrong"),
        pytest.param("def double(x):\n    raise ValueError\n", id="raises"),
        pytest.param("import os\ndef double(x):\n    os._exit(1)\n", id="ends"),
    ],
)
def test_whatever_came_of_the_students_code_says_what_was_asked(tmp_path, student):
    source = a_check('same("double", torch.ones(2, 3))')
    assert asked(judged(a_course(tmp_path, source), student)) == {"a": "double(float32[2, 3])"}


def test_of_a_check_that_broke_nothing_is_said(tmp_path):
    source = a_check('candidate.call("double", 1)\n    raise KeyError')
    (result,) = judged(a_course(tmp_path, source), WRONG).values()
    assert (result.outcome, result.asked) == (Outcome.INVALID, "")


def test_a_size_that_is_a_hidden_number_too_is_not_said(tmp_path):
    source = a_check('same("double", torch.zeros(137, 2), 137)')
    takes_two = "def double(x, n):\n    return 3 * x + n\n"
    tiny = a_course(tmp_path, source)
    reference = tiny / "tiny.py"
    reference.write_text(reference.read_text().replace("def double(x: Tensor)", "def double(x: Tensor, n: int = 0)"))
    assert asked(judged(tiny, takes_two)) == {"a": "double(float32[…, …], int)"}


def test_a_size_by_itself_gives_nothing_away(tmp_path):
    source = a_check('same("double", torch.zeros(137, 2) + 0.5)')
    assert asked(judged(a_course(tmp_path, source), WRONG)) == {"a": "double(float32[137, 2])"}
