"""A student in a real sandbox, watched from outside."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import torch

from grader.model import MB, Outcome
from grader.referee.faults import StudentFault
from grader.referee.memory import processes
from grader.referee.sandboxed import Sandboxed
from grader.wire.protocol import Call, Loaded, Missing, Raised
from grader.wire.values import pack
from tests.referee.warm import answer

pytest_plugins = ["tests.referee.warm"]

SOURCE = """
import os, signal, time, torch
print("imported")
COUNT = []

def double(x): return 2 * x
def count():
    COUNT.append(1)
    return len(COUNT)
def parent(): return os.getppid()
def sleeps(): time.sleep(600)
def spins():
    while True: pass
def exits(status): os._exit(status)
def killed(): os.kill(os.getpid(), signal.SIGKILL)
def kills_loader(): os.kill(2, signal.SIGKILL)
def fails(): raise ValueError("in the student's words")
def allocates(mb, seconds):
    kept = bytearray(mb << 20)
    kept[::4096] = b"x" * len(kept[::4096])
    time.sleep(seconds)
    return len(kept)
def leaves_one():
    if os.fork() == 0: time.sleep(600)
    return 7
def leaves_one_and_sleeps():
    os.fork()
    time.sleep(600)
def leaves_a_file():
    open("/tmp/left", "w").close()
def sees_a_file(): return os.path.exists("/tmp/left")
def prints(): print("more")
def zeros(n): return torch.zeros(n)
def length(text): return len(text)
"""

BIG = "x" * (2 << 20)


@pytest.fixture
def student(submit) -> Sandboxed:
    made: Sandboxed = submit(SOURCE)
    made.load()
    return made


def fault_of(student: Sandboxed, target: str, *args: object, seconds: float = 10.0) -> StudentFault:
    with pytest.raises(StudentFault) as fault:
        student.ask(Call(target, False, pack([list(args), {}])), seconds)
    return fault.value


def sandbox(student: Sandboxed) -> int:
    """Which sandbox the next call goes to: its holder's pid, or 0."""
    return student.entry.holder.pid if student.entry is not None else 0


# ---- loading ---------------------------------------------------------------------------------------------------


def test_it_is_imported_once_and_what_it_prints_is_kept(student):
    assert student.printed == "imported\n"
    assert answer(student, "count") == answer(student, "count") == 1


def test_the_names_and_notes_of_the_module_come_back(submit):
    loaded = submit("def double(x): ...\n_hidden = 1\n__grader_notes__ = ['cell 7 was passed over']").load()
    assert loaded == Loaded(("double",), ("cell 7 was passed over",))


@pytest.mark.parametrize(
    ("source", "limits", "outcome", "message"),
    [
        pytest.param("x = 1\n1 / 0", {}, "error", "ZeroDivisionError at tiny.py, line 2", id="raises"),
        pytest.param("def f(:", {}, "error", "SyntaxError", id="syntax"),
        pytest.param(
            "import os; os._exit(0)", {}, "crashed", "importing it ended the process (exit status 0)", id="exits"
        ),
        pytest.param(
            "while True: pass", {"load_seconds": 0.5}, "timeout", "importing it took longer than 0.5 s", id="loops"
        ),
        pytest.param("x = b'1' * (900 << 20)", {}, "memory", "importing it ran out of memory", id="memory"),
        pytest.param(
            "while True: pass", {"cpu_seconds": 1}, "timeout", "importing it used its 1 s of processor time", id="cpu"
        ),
    ],
)  # fmt: skip
def test_what_goes_wrong_on_import_is_a_fault(submit, source, limits, outcome, message):
    student = submit(source, **limits)
    with pytest.raises(StudentFault) as fault:
        student.load()
    assert fault.value.outcome is Outcome(outcome)
    assert fault.value.message.startswith(message)
    assert student.entry is None


def test_what_was_printed_before_it_went_wrong_is_kept(submit):
    student = submit("print('before', flush=True)\nimport os\nos._exit(1)")
    with pytest.raises(StudentFault):
        student.load()
    assert student.printed == "before\n"


# ---- calls -----------------------------------------------------------------------------------------------------


def test_values_go_there_and_come_back(student):
    x = torch.arange(3.0)
    assert answer(student, "double", x).equal(2 * x)


def test_a_probe_runs_beside_the_students_code(submit):
    student = submit(SOURCE, probes="def twice(student, x): return student.double(student.double(x))")
    assert answer(student, "twice", 2, is_probe=True) == 8


def test_other_ends_of_a_call_are_replies(student):
    assert student.ask(Call("nothing", False, pack([[], {}])), 10.0) == Missing("nothing")
    reply = student.ask(Call("fails", False, pack([[], {}])), 10.0)
    assert reply == Raised(("ValueError", "Exception"), "tiny.py, line 17", "")


def test_calls_see_nothing_of_each_others_memory_but_share_a_loader(student):
    assert answer(student, "count") == 1
    assert answer(student, "count") == 1
    before = sandbox(student)
    assert answer(student, "parent") == answer(student, "parent")
    assert sandbox(student) == before


@pytest.mark.parametrize(
    ("target", "args", "outcome", "message"),
    [
        ("exits", [0], "crashed", "exits() ended the process (exit status 0)"),
        ("exits", [3], "crashed", "exits() ended the process (exit status 3)"),
        ("killed", [], "crashed", "killed() ended the process (SIGKILL)"),
        ("allocates", [360, 60], "memory", "allocates() used more than 300 MB of memory"),
        ("zeros", [5_000_000], "failed", "the answer cannot be read: an answer of 19 MB; the limit is 16 MB"),
    ],
)
def test_a_call_that_ends_otherwise_is_a_fault_and_the_next_one_works(student, target, args, outcome, message):
    fault = fault_of(student, target, *args)
    assert (fault.outcome, fault.message) == (Outcome(outcome), message)
    assert answer(student, "double", 4) == 8


def test_a_call_may_use_as_much_memory_as_the_limit_allows(student):
    assert answer(student, "allocates", 200, 0.2) == 200 * MB


def test_a_check_can_allow_less_memory(student):
    with pytest.raises(StudentFault) as fault:
        student.ask(Call("allocates", False, pack([[200, 60], {}])), 10.0, 100 * MB)
    assert fault.value.message == "allocates() used more than 100 MB of memory"


def test_a_call_that_takes_too_long_ends_and_the_sandbox_stays(student):
    before = sandbox(student)
    fault = fault_of(student, "sleeps", seconds=0.3)
    assert (fault.outcome, fault.message[:35]) == (Outcome.TIMEOUT, "sleeps() took longer than 0.3 s; is")
    assert sandbox(student) == before
    assert processes(student.entry.roots) == {*student.entry.roots, student.entry.about.loader}
    assert answer(student, "double", 4) == 8


@pytest.mark.parametrize("target", ["leaves_one_and_sleeps", "leaves_one"])
def test_a_call_that_leaves_a_process_behind_ends_the_sandbox(student, target):
    before = sandbox(student)
    student_processes = processes(student.entry.roots)
    if target == "leaves_one":
        assert answer(student, target) == 7
    else:
        assert fault_of(student, target, seconds=0.5).outcome is Outcome.TIMEOUT
    assert sandbox(student) == 0
    assert answer(student, "double", 4) == 8
    assert sandbox(student) not in (0, before)
    assert not any(Path(f"/proc/{pid}").exists() for pid in student_processes)


def test_a_call_that_kills_the_loader_costs_the_next_one_a_new_sandbox(student):
    before = sandbox(student)
    loader = student.entry.about.loader
    assert answer(student, "kills_loader") is None
    if student.entry is not None:
        student.entry.wait_ended(loader, 10)
    assert answer(student, "double", 4) == 8
    assert sandbox(student) != before


def test_big_inputs_and_big_answers_pass(student):
    assert answer(student, "length", BIG) == len(BIG)
    assert answer(student, "double", BIG) == 2 * BIG


def timed_out(student: Sandboxed, part: str, seconds: float) -> str:
    with pytest.raises(StudentFault) as fault:
        student.ask(Call("sleeps", False, pack([[], {}]), (part,)), seconds)
    assert fault.value.outcome is Outcome.TIMEOUT
    return fault.value.message.partition(";")[0]


def test_a_loop_costs_its_limit_once_a_part(student):
    assert timed_out(student, "double", 0.2) == "sleeps() took longer than 0.2 s"
    assert timed_out(student, "double", 9.0) == "sleeps() took longer than 1 s"
    assert timed_out(student, "Scaler", 0.3) == "sleeps() took longer than 0.3 s"


def test_all_calls_together_have_a_limit(submit):
    student = submit(SOURCE, submission_seconds=0.3)
    student.load()
    assert timed_out(student, "double", 9.0).startswith("sleeps() took longer than 0.")
    assert timed_out(student, "Scaler", 9.0) == "all calls together took 0.3 s: no more"


def test_loading_it_again_for_a_call_counts_as_the_calls_time(submit):
    slow = SOURCE + "\ntime.sleep(0.6)\n"
    student = submit(slow, submission_seconds=30.0)
    student.load()
    answer(student, "leaves_one")
    student.wall_seconds = 0.0
    answer(student, "leaves_one")
    assert student.wall_seconds > 0.6
    student.wall_seconds = 30.0
    fault = fault_of(student, "double", 1)
    assert fault.outcome is Outcome.TIMEOUT
    assert student.entry is None  # nothing was loaded for a call that may not be made


def test_processor_time_has_a_limit_of_its_own(submit):
    student = submit(SOURCE, cpu_seconds=1)
    student.load()
    fault = fault_of(student, "spins")
    assert (fault.outcome, fault.message) == (Outcome.TIMEOUT, "spins() used its 1 s of processor time")


def test_processor_time_is_counted_by_the_keeper(submit):
    student = submit("def burns():\n    x = 0\n    for i in range(3_000_000): x += i\n")
    student.load()
    answer(student, "burns")
    student.close()
    assert student.cpu_seconds > 0.05


# ---- the end ---------------------------------------------------------------------------------------------------


def test_closing_leaves_no_process(student):
    inside = processes(student.entry.roots)
    keeper = student.entry.about.keeper
    assert len(inside) == 3
    student.close()
    left = {pid for pid in inside - {keeper} if Path(f"/proc/{pid}").exists()}
    assert left == set()
    student.close()  # again is nothing


def test_a_holder_that_is_killed_is_the_next_calls_new_sandbox(student):
    os.kill(sandbox(student), signal.SIGKILL)
    student.entry.wait_ended(student.entry.about.loader, 10)
    assert answer(student, "double", 4) == 8


@pytest.mark.parametrize("target", ["exits", "sleeps"])
def test_without_walls_it_works_the_same(submit, target):
    student = submit(SOURCE, confined=False)
    student.load()
    assert answer(student, "double", 4) == 8
    fault_of(student, target, *([3] if target == "exits" else []), seconds=0.5)
    assert answer(student, "double", 4) == 8
