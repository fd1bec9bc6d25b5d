"""How a check asks for a run of torchrun. The runs themselves: tests/ranks/test_torchrun.py."""

from __future__ import annotations

import types

import pytest

from grader.errors import CheckDefect
from grader.model import Limits, Part
from grader.referee.rehearsal import Within
from grader.referee.respondent import Respondent
from grader.referee.sandboxed import Sandboxed
from grader.referee.suite import Suite
from grader.teaching.diagnosis import NOTHING, Bank
from grader.wire.protocol import Call, Load, Missing, Ranks, Reply, Script, Value
from grader.wire.values import pack, unpack
from tests.referee.tiny import copy_of_tiny

PART = Part(id="train", title="Training", points=100, names=("train",), forbidden=("torch.mean",))

probes = types.ModuleType("probes")
exec("def left(student, run, x): ...", vars(probes))


class Answers:
    """A student with one answer to everything; remembers what it was asked."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def ask(self, call: Call, seconds: float, memory: int | None = None) -> Reply:
        self.calls.append(call)
        return Value(pack(7))


def asking(seconds: float = 60.0, nprocs: int | None = 2) -> Respondent:
    return Respondent(Answers(), PART, seconds, None, nprocs=nprocs)


def test_the_probe_is_asked_with_the_script_and_its_own_inputs():
    candidate = asking()
    assert (
        candidate.torchrun(then=probes.left, args=["--config", "c.json"], files={"c.json": "π", "b": b"\0"}, x=1) == 7
    )
    (call,) = candidate._student.calls
    assert call.script == Script(2, ("--config", "c.json"), {"c.json": "π".encode(), "b": b"\0"})
    assert (call.target, call.is_probe, call.ranks, call.forbidden) == ("left", True, None, ("torch.mean",))
    assert unpack(call.arguments) == [[], {"x": 1}]


def test_how_many_ranks_and_whether_it_may_fail_can_be_said():
    candidate = asking(nprocs=None)
    candidate.torchrun(then=probes.left, nprocs=4, may_fail=True)
    assert candidate._student.calls[0].script == Script(4, may_fail=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"nprocs": 9}, "9 ranks"),
        ({"nprocs": None}, "does not say how many ranks"),
        ({"files": {"/etc/passwd": ""}}, "'/etc/passwd' is no file in the folder"),
        ({"files": {"a/../../b": ""}}, "is no file in the folder"),
        ({"files": {"": ""}}, "is no file in the folder"),
        ({"args": "--config c.json"}, "a list of str"),
        ({"args": [1]}, "a list of str"),
        ({"then": "left"}, "must be a probe"),
        ({"then": len}, "is not a function of probes.py"),
    ],
)
def test_what_cannot_work_is_a_defect_of_the_check(wrong, said):
    with pytest.raises(CheckDefect, match=said):
        asking(nprocs=None).torchrun(**{"then": probes.left, "nprocs": 2, **wrong})


def test_a_check_without_the_time_that_torchrun_takes_is_a_defect():
    with pytest.raises(CheckDefect, match="cannot be run in the 10 s of this check") as found:
        asking(seconds=10.0).torchrun(then=probes.left)
    assert found.value.step == "@pytest.mark.limits(seconds=60)"


# ---- once, and by nobody else ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def suite(tmp_path_factory) -> Suite:
    return Suite(copy_of_tiny(tmp_path_factory.mktemp("scripts")))


SCRIPTED = Call("left", True, pack([[], {}]), ("double",), script=Script(2))


def test_a_misconception_is_not_run_to_explain_what_a_script_did(suite):
    bank = Bank(suite)
    bank.students.ask = None  # nobody is asked
    assert bank.diagnose(suite.assignment.parts[0], [(SCRIPTED, Value(pack(0.0)))], language="en") == NOTHING


def test_a_rehearsal_runs_no_script(suite):
    assert Within(suite.module_with(), suite).ask(SCRIPTED, 60.0) == Missing("left")


def test_a_script_gets_its_time_also_when_other_calls_of_its_part_have_used_up_theirs():
    def never():
        raise AssertionError

    student = Sandboxed(never, Load({}, "tiny.py", "tiny", b""), Limits())
    student.late.add(SCRIPTED.names)
    assert student._allowed(SCRIPTED, 60.0) == 60.0
    assert student._allowed(Call("left", True, b"", SCRIPTED.names, ranks=Ranks(2)), 60.0) < 60.0


def test_the_seconds_are_told_when_it_is_sent():
    assert SCRIPTED.within(40.0).script.seconds == 40.0
    assert SCRIPTED.within(40.0).ranks is None
