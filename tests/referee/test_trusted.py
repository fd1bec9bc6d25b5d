"""A trusted module answers in forks of its own."""

from __future__ import annotations

import os
import types
from collections.abc import Iterator

import pytest
import torch

from grader.model import Outcome
from grader.referee.faults import StudentFault
from grader.referee.trusted import Trusted
from grader.wire.protocol import Call, Missing, Raised, Reply, Value
from grader.wire.values import pack, unpack

SOURCE = """
import os, signal, time, torch
CALLS = []

def count():
    CALLS.append(1)
    return len(CALLS)

def spoil(x):
    torch.zeros_like = None
    return x.zero_()

def pid(): return os.getpid()
def exits(): os._exit(3)
def killed(): os.kill(os.getpid(), signal.SIGKILL)
def sleeps(): time.sleep(60)
def fails(): raise KeyError("key")
def big(): return torch.zeros(3_000_000)
"""


@pytest.fixture(params=[False, True], ids=["a fork a call", "one lasting fork"])
def trusted(request: pytest.FixtureRequest) -> Iterator[Trusted]:
    module = types.ModuleType("tiny")
    exec(compile(SOURCE, "/course/tiny.py", "exec"), vars(module))
    made = Trusted([module, types.ModuleType("other")], types.ModuleType("probes"), "/course", lasting=request.param)
    yield made
    made.close()


def ask(trusted: Trusted, target: str, *args: object, seconds: float = 20.0) -> Reply:
    return trusted.ask(Call(target, False, pack([list(args), {}])), seconds)


def answer(trusted: Trusted, target: str, *args: object) -> object:
    reply = ask(trusted, target, *args)
    assert isinstance(reply, Value)
    return unpack(reply.data)


def test_nothing_that_a_call_changes_reaches_this_process(trusted):
    x = torch.ones(2)
    answer(trusted, "spoil", x)
    assert x.equal(torch.ones(2))
    assert callable(torch.zeros_like)
    answer(trusted, "count")
    assert trusted.modules[0].CALLS == []


def test_calls_do_not_see_each_other_unless_one_fork_is_to_answer_all(trusted):
    assert [answer(trusted, "count") for _ in range(2)] == ([1, 2] if trusted.lasting else [1, 1])
    assert answer(trusted, "pid") != os.getpid()


def test_it_answers_as_a_candidate_does(trusted):
    assert ask(trusted, "fails") == Raised(
        ("KeyError", "LookupError", "Exception"),
        "tiny.py, line " + str(SOURCE[: SOURCE.index("def fails")].count("\n") + 1),
    )
    assert ask(trusted, "nothing") == Missing("nothing")
    assert answer(trusted, "big").shape == (3_000_000,)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("exits", "exits() ended the process (exit status 3)"),
        ("killed", "killed() ended the process (SIGKILL)"),
    ],
)
def test_a_fork_that_ends_is_a_fault_and_the_next_call_has_another(trusted, target, message):
    with pytest.raises(StudentFault) as fault:
        ask(trusted, target)
    assert (fault.value.outcome, fault.value.message) == (Outcome.CRASHED, message)
    assert answer(trusted, "count") == 1


def test_a_fork_that_does_not_answer_is_killed(trusted):
    with pytest.raises(StudentFault) as fault:
        ask(trusted, "sleeps", seconds=0.2)
    assert fault.value.outcome is Outcome.TIMEOUT
    assert trusted.fork is None
    assert answer(trusted, "count") == 1


def test_one_of_several_modules_can_be_asked(trusted):
    trusted.modules[1].pid = lambda: "of the other"
    call = Call("pid", False, pack([[], {}]))
    assert trusted.ask(call, 20.0, which=1) == Value(pack("of the other"))
    assert trusted.ask(call, 20.0, which=0) != Value(pack("of the other"))


def test_two_that_live_at_once_do_not_keep_each_other_alive():
    module = types.ModuleType("tiny")
    exec(SOURCE, vars(module))
    first, second = (Trusted([module], types.ModuleType("probes"), "/", lasting=True) for _ in range(2))
    for trusted in (first, second):
        answer(trusted, "pid")
    for trusted in (first, second):  # the second's fork was made while the first's socket was open
        trusted.close()
    assert first.fork is second.fork is None


def test_no_process_is_left_behind(trusted):
    pid = answer(trusted, "pid")
    trusted.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
