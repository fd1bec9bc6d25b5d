"""A student's side that works against the referee: it reads nothing, answers through others, stops its loader."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from grader.model import Outcome
from grader.referee.faults import StudentFault
from grader.referee.sandboxed import Sandboxed
from grader.wire.protocol import Call
from grader.wire.values import pack
from tests.referee.warm import answer

pytest_plugins = ["tests.referee.warm"]

SOURCE = """
import os, signal, time
def double(x): return 2 * x
def stops_loader(): os.kill(2, signal.SIGSTOP)
def leaves_a_file():
    open("/tmp/left", "w").close()
"""

POISONED = """
import os, time, grader.candidate.loader as loader
GREETING = b"\\x01"

def candidate(call, *_, **__):
    {body}
    time.sleep(600)

loader._candidate = candidate
"""
NEVER_READS = POISONED.format(body="call.send(GREETING)")
NEVER_READS_BUT_ALLOCATES = POISONED.format(
    body="""call.send(GREETING)
    for _ in range(3):
        if os.fork() == 0:
            kept = bytearray(150 << 20)
            kept[::4096] = b"x" * len(kept[::4096])
            time.sleep(600)"""
)
DRIPS_AND_ALLOCATES = NEVER_READS_BUT_ALLOCATES.replace(
    "    time.sleep(600)\n\nloader",
    "    call.sendall((8 << 20).to_bytes(8, 'little'))\n    while True: call.sendall(b'x')\n\nloader",
)
ANSWERS_UNREAD = POISONED.format(
    body="""call.send(GREETING)
    from grader.wire import protocol
    from grader.wire.frames import send
    from grader.wire.values import pack
    send(call, protocol.encode(protocol.Value(pack("x" * (2 << 20)))))
    os._exit(0)"""
)
ANSWERS_BY_A_GRANDCHILD = POISONED.format(
    body="""if os.fork() == 0:
        call.send(GREETING)
        from grader.wire import protocol
        from grader.wire.frames import send
        from grader.wire.values import pack
        send(call, protocol.encode(protocol.Value(pack(1))))"""
)
STOPS_LATER = (
    SOURCE
    + """
import threading
def stop():
    while not os.path.exists("/tmp/left"): time.sleep(0.01)
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGSTOP)
threading.Thread(target=stop).start()
"""
)
BIG = "x" * (2 << 20)


def fault_of(student: Sandboxed, target: str, *args: object, seconds: float) -> StudentFault:
    with pytest.raises(StudentFault) as fault:
        student.ask(Call(target, False, pack([list(args), {}])), seconds)
    return fault.value


def test_an_answer_is_taken_while_the_inputs_wait_to_be_read(submit):
    student = submit(ANSWERS_UNREAD)
    student.load()
    assert answer(student, "anything", BIG) == BIG


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        pytest.param(NEVER_READS, "timeout", id="sleeps"),
        pytest.param(NEVER_READS_BUT_ALLOCATES, "memory", id="allocates"),
    ],
)
def test_who_never_reads_big_inputs_is_watched_while_they_are_sent(submit, source, outcome):
    student = submit(source)
    student.load()
    assert fault_of(student, "anything", BIG, seconds=1.0 if outcome == "timeout" else 30.0).outcome is Outcome(outcome)


def test_who_drips_an_answer_is_watched_meanwhile(submit):
    student = submit(DRIPS_AND_ALLOCATES)
    student.load()
    assert fault_of(student, "anything", seconds=30.0).outcome is Outcome.MEMORY


def test_who_answers_through_another_process_is_not_waited_for(submit, monkeypatch):
    student = submit(ANSWERS_BY_A_GRANDCHILD)
    student.load()
    orders: list[int] = []
    monkeypatch.setattr(student.entry, "kill", orders.append)
    assert answer(student, "anything") == 1
    assert orders == []  # to the keeper, of whom it is no child
    assert student.entry is None


def test_a_call_that_stops_the_loader_costs_the_next_one_nothing_but_a_new_sandbox(submit):
    student = submit(SOURCE)
    student.load()
    before = student.entry.about.loader
    assert answer(student, "stops_loader") is None
    assert student.entry is None
    assert answer(student, "double", 4) == 8
    assert student.entry.about.loader != before


def test_a_loader_that_stops_itself_costs_a_call_time_but_not_its_answer(submit):
    student = submit(STOPS_LATER)
    student.load()
    answer(student, "leaves_a_file")
    loader = student.entry.about.loader
    while "State:\tT" not in Path(f"/proc/{loader}/status").read_text():
        signal.sigtimedwait([], 0.01)
    assert answer(student, "double", 4, seconds=1.5) == 8
