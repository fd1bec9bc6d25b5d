"""Checks that ask several ranks: how they are written, what a student reads, and that a hint is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.checks import CheckFailed
from grader.errors import CheckDefect
from grader.model import Outcome, Part
from grader.referee.faults import StudentFault, from_reply
from grader.referee.rehearsal import rehearse
from grader.referee.respondent import Respondent, Same
from grader.referee.submission import suite_and_checks
from grader.teaching.diagnosis import alike, decoded
from grader.wire.protocol import Halted, Place, Ranks, Value
from grader.wire.values import pack
from tests.referee.tiny import a_course, in_session, judged

PART = Part("double", "Doubling", 100, names=("double",))
PROBES = """
import torch, torch.distributed as dist

def summed(student, x):
    x = x + dist.get_rank()
    return student.double(x)

def made(student, x):
    dist.init_process_group("gloo")
    return student.double(x) + dist.get_world_size()
"""
RIGHT = """
import torch.distributed as dist
def double(x):
    dist.all_reduce(x)
    return x
def twice(x): return double(x)
"""
WITHOUT_SUM = "def double(x): return 2 * x\n"
SKIPS = """
import torch.distributed as dist
def double(x):
    if dist.get_rank() == 0:
        dist.all_reduce(x)
    return x
"""
CHECKS = """
@check("double", points=60)
@pytest.mark.ddp(nprocs=2)
def test_sum(same):
    \"\"\"The answers are summed.\"\"\"
    same.launch(probes.summed, T([1.0]))

@check("double", points=20)
def test_three(candidate):
    \"\"\"Also of three.\"\"\"
    answers = candidate.launch(probes.summed, T([1.0]), nprocs=3)
    require([answer.item() for answer in answers] == [6.0, 6.0, 6.0], "the sum of three ranks is wrong")

@check("double", points=20)
@pytest.mark.ddp(nprocs=2)
def test_made(candidate, reference):
    \"\"\"In a group that is the student's.\"\"\"
    asked = [who.launch(probes.made, x=T(1.0), init_process_group=False) for who in (candidate, reference)]
    assert_close(*asked)
"""
MISCONCEPTIONS = """
import torch.distributed as dist
from grader.checks import misconception

@misconception(replaces="double", hint="Who else has a number?", fails=["sum"])
def alone(x):
    return 2 * x

@misconception(replaces="double", hint="Do all ranks take part?", fails=["sum"])
def only_first(x):
    if dist.get_rank() == 0:
        dist.all_reduce(x)
    return x

@misconception(replaces="double", hint="What is summed twice?", fails=["sum"])
def summed_twice(x):
    dist.all_reduce(x)
    dist.all_reduce(x)
    return x
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A tiny course whose one part is done by several ranks."""
    solution = a_course(tmp_path, CHECKS)
    (solution / "probes.py").write_text(PROBES)
    (solution / "tiny.py").write_text(RIGHT)
    (solution / "misconceptions.py").write_text(MISCONCEPTIONS)
    return solution


# ---- checks ----------------------------------------------------------------------------------------------------


def test_launches_are_compared_rank_by_rank(course):
    assert {name: result.outcome for name, result in judged(course, RIGHT).items()} == {
        "sum": Outcome.PASSED, "three": Outcome.PASSED, "made": Outcome.PASSED,
    }  # fmt: skip


def test_a_wrong_answer_is_that_of_its_rank_and_gets_its_hint(course):
    result = judged(course, WITHOUT_SUM, only="sum")["sum"]
    assert (result.outcome, result.message) == (
        Outcome.FAILED,
        "the answer[0] is smaller than expected; the other value is wrong too",
    )
    assert result.diagnosis.misconception == "alone"


def test_ranks_that_wait_for_each_other_get_the_hint_of_those_who_do(course):
    result = judged(course, SKIPS, only="sum")["sum"]
    assert result.outcome is Outcome.TIMEOUT
    assert result.message == "rank 0 waited for others in all_reduce at tiny.py, line 5; rank 1 had returned"
    assert result.diagnosis.misconception == "only_first"


def test_what_ranks_print_is_for_the_instructor(course):
    result = judged(course, "def double(x):\n    print('x is', x)\n    raise ValueError\n", only="sum")["sum"]
    assert result.message == "every rank: ValueError at tiny.py, line 3"
    assert sorted(result.detail.splitlines()) == ["[rank 0] x is tensor([1.])", "[rank 1] x is tensor([2.])"]


def test_a_stub_is_not_attempted(course):
    result = judged(course, "def double(x): raise NotImplementedError\n", only="sum")["sum"]
    assert (result.outcome, result.message) == (Outcome.NOT_ATTEMPTED, "not implemented yet at tiny.py, line 1")


def test_a_rehearsal_launches_too(course):
    def rehearsed(session: pytest.Session) -> None:
        suite, checks = suite_and_checks(session.items)
        rehearse(suite, checks, session.items)

    in_session(course, rehearsed)


def test_pytest_runs_launches_on_the_solution(course):
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", course, course],
        capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    assert "3 passed" in ran.stdout, ran.stdout + ran.stderr


# ---- what cannot work ------------------------------------------------------------------------------------------


class Answers:
    """A student that keeps what it is asked."""

    def __init__(self) -> None:
        self.calls = []

    def ask(self, call, seconds, memory=None):
        self.calls.append(call)
        return Value(pack([1.0, 1.0]))


def probe(student): ...


probe.__module__ = "probes"


def respondent(student: Answers, nprocs: int | None = None) -> Respondent:
    return Respondent(student, PART, 2.5, None, nprocs=nprocs)


@pytest.mark.parametrize(
    ("marked", "given", "problem"),
    [
        (None, None, "a launch that does not say how many ranks"),
        (2, 9, "a launch with 9 ranks"),
        (None, 0, "a launch with 0 ranks"),
        (None, True, "a launch with True, which is no number of ranks"),
    ],
)
def test_a_number_of_ranks_that_cannot_be_is_refused_in_a_sentence(marked, given, problem):
    with pytest.raises(CheckDefect) as found:
        respondent(Answers(), marked).launch(probe, nprocs=given)
    assert found.value.problem == problem


def test_the_mark_says_how_many_unless_the_launch_does():
    student = Answers()
    respondent(student, 4).launch(probe)
    respondent(student, 4).launch(probe, nprocs=3, init_process_group=False)
    assert [call.ranks for call in student.calls] == [Ranks(4), Ranks(3, False)]


def test_both_sides_get_the_same_launch():
    candidate, reference = Answers(), Answers()
    Same(respondent(candidate, 2), respondent(reference, 5)).launch(probe, x=1.0)
    assert candidate.calls == reference.calls
    assert candidate.calls[0].ranks == Ranks(2)


def test_answers_that_differ_fail_the_check():
    class Others(Answers):
        def ask(self, call, seconds, memory=None):
            return Value(pack([1.0, 2.0]))

    with pytest.raises(CheckFailed, match=r"the output\[1\] is larger than expected"):
        Same(respondent(Others(), 2), respondent(Answers(), 2)).launch(probe, name="the output")


def test_a_call_says_how_long_its_ranks_have_only_when_it_is_sent():
    student = Answers()
    respondent(student, 2).launch(probe)
    (call,) = student.calls
    assert call.ranks.seconds == 0.0
    assert call.within(7.5).ranks == Ranks(2, seconds=7.5)


# ---- sentences -------------------------------------------------------------------------------------------------

AT = "tiny.py, line 3"


@pytest.mark.parametrize(
    ("halted", "sentence"),
    [
        (
            Halted("raised", Place(1, "raised", where=AT), (Place(0, "works"),), ("ValueError",)),
            "rank 1: ValueError at tiny.py, line 3",
        ),
        (
            Halted("raised", Place(0, "raised", where=AT), (Place(1, "raised", where=AT),), ("ValueError",), "no"),
            "every rank: ValueError at tiny.py, line 3: no",
        ),
        (Halted("raised", Place(1, "raised"), (), ("MemoryError",)), "rank 1 ran out of memory"),
        (Halted("ended", Place(2, "ended"), status=9), "rank 2 ended the process (SIGKILL)"),
        (Halted("unread", Place(0, "ended"), message="odd"), "the answer of rank 0 cannot be read: odd"),
        (
            Halted("mismatch", Place(1, "raised", "all_reduce", AT, (4,), "float32"),
                   (Place(0, "raised", "all_reduce", AT, (4,), "float64"),)),
            "rank 1 called all_reduce on 4 float32 numbers at tiny.py, line 3"
            " where rank 0 called all_reduce on 4 float64 numbers at tiny.py, line 3",
        ),
        (
            Halted("mismatch", Place(0, "raised", "barrier"),
                   (Place(1, "raised", "reduce", "", ()), Place(2, "works"))),
            "rank 1 called reduce on 1 number where rank 0 called barrier",
        ),
        (
            Halted("mismatch", Place(0, "raised", "all_reduce", AT, (2, 3)), (Place(1, "works"),)),
            "rank 0 called all_reduce on 2x3 numbers at tiny.py, line 3, and another rank something else",
        ),
        (
            Halted("stuck", Place(1, "works", where=AT), (Place(0, "waits", "barrier"), Place(2, "waits", "barrier"))),
            "rank 1 did not come to an end at tiny.py, line 3; ranks 0 and 2 waited for others in barrier",
        ),
        (
            Halted("stuck", Place(1, "raised", where=AT), (Place(0, "ended"), Place(2, "answered"))),
            "rank 1 waited for others in vain at tiny.py, line 3; rank 0 had ended; rank 2 had returned",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_launch_that_failed_is_a_sentence(halted, sentence):
    assert from_reply(halted, "it").message == sentence


def test_the_words_of_a_forger_are_cut():
    forged = Halted("stuck", Place(0, "waits", "x" * 500, "y" * 500), message="z" * 5000)
    assert len(from_reply(forged, "it").message) < 200
    forged = Halted("mismatch", Place(0, "raised", "sum", AT, (1234567,)))
    assert "1234567" not in from_reply(forged, "it").message


def test_a_launch_that_failed_the_same_way_is_the_same_answer():
    def said(*order: int) -> Halted:
        one, other = (Place(rank, "raised", ("all_reduce", "barrier")[rank], AT, (3,)) for rank in order)
        return Halted("mismatch", one, (other,))

    assert alike(decoded(said(0, 1)), decoded(said(1, 0)))
    assert not alike(decoded(said(0, 1)), decoded(Halted("mismatch", Place(0, "raised", "all_gather", AT, (3,)))))
    assert not alike(decoded(said(0, 1)), decoded(Value(pack([1]))))


def test_a_fault_of_ranks_is_one_of_the_students():
    assert isinstance(from_reply(Halted("ended", Place(0, "ended"), status=9), "it"), StudentFault)
