"""Goes the whole way of a submission with a little program of our own, which tries the walls from inside."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

import grader_bwrap
import grader_local
from grader.errors import GraderError
from grader.model import MB, Limits, Outcome
from grader.referee.entry import Entry
from grader.referee.faults import StudentFault
from grader.referee.memory import processes
from grader.referee.sandboxed import Sandboxed
from grader.wire.protocol import Call, Load, Value
from grader.work import Finding
from grader_machine.advice import advice

LIMITS = Limits(load_seconds=10, call_seconds=10, memory=500 * MB)
SECONDS = 0.5
LITTLE = 100 * MB
PATIENCE = 100  # looks, 20 ms apart
PROGRAM = (Path(__file__).parent / "inside.py").read_bytes()
HIDDEN = "mount -o remount,hidepid=0 /proc, or run as root: the memory of a sandbox is read from /proc"
BUG = "report this as a bug, with what grader doctor says; do not grade what strangers wrote on this machine"


def examine_walls() -> Iterator[Finding]:
    """Yield what holds and what does not."""
    with ExitStack() as stack:
        try:
            yield from _tried(stack)
        except GraderError as error:
            yield Finding("sandbox", "broken", error.problem, advice(error.problem))
        except StudentFault as fault:
            yield Finding("student code", "broken", fault.message, BUG)


def _tried(stack: ExitStack) -> Iterator[Finding]:
    grader_bwrap.prepare()
    built = f"{1000 * _took(lambda: grader_bwrap.hold(LIMITS).end()):.0f} ms"
    who = ", by a user of its own in root's place" if os.geteuid() == 0 else ""
    yield Finding("sandbox", "ok", f"built and taken down in {built}{who}")
    started = time.monotonic()
    orders = grader_local.start_zygote(stack)
    grader_local.wait_until_warm(orders)
    yield Finding("warm process", "ok", f"ready after {time.monotonic() - started:.1f} s, once a run")
    student = _student(orders)
    stack.callback(student.close)
    yield from _entered(student)


def _student(orders: socket.socket) -> Sandboxed:
    load = Load({"inside.py": PROGRAM}, "inside.py", "inside", b"")
    return Sandboxed(lambda: Entry(orders, LIMITS, grader_bwrap.hold(LIMITS)), load, LIMITS)


def _entered(student: Sandboxed) -> Iterator[Finding]:
    took = _took(student.load)
    yield Finding("student code", "ok", f"was imported in a sandbox after {1000 * took:.0f} ms and answers calls")
    assert student.entry is not None
    inside = processes(student.entry.roots)
    seen = student.entry.about.loader in inside
    yield from _confined(_answer(student, "could", [sys.prefix, sys.base_prefix]))
    yield _ended("time limit", "an endless loop was ended", lambda: _answer(student, "loops", seconds=SECONDS))
    if seen:
        allocates = lambda: _answer(student, "allocates", 3 * LITTLE, memory=LITTLE)  # noqa: E731
        yield _ended("memory limit", "a program that took too much was ended", allocates, Outcome.MEMORY)
    else:
        yield Finding("memory limit", "broken", "the processes of a sandbox cannot be seen from outside", HIDDEN)
    student.close()
    yield from _gone(inside - {os.getpid()})


def _confined(could: list[str]) -> Iterator[Finding]:
    """Yield what the little program found that it could do."""
    if could:
        yield Finding("walls", "broken", f"from inside, student code can {'; '.join(could)}", BUG)
        return
    yield Finding(
        "walls", "ok", "from inside: nothing of this machine to write, no network, no other process, no rights"
    )


def _ended(subject: str, said: str, ask: Callable[[], object], outcome: Outcome = Outcome.TIMEOUT) -> Finding:
    try:
        ask()
    except StudentFault as fault:
        if fault.outcome is outcome:
            return Finding(subject, "ok", said)
        return Finding(subject, "broken", f"it ended otherwise: {fault.message}", BUG)
    return Finding(subject, "broken", "it was not enforced", BUG)


def _gone(inside: set[int]) -> Iterator[Finding]:
    for _ in range(PATIENCE):
        left = [pid for pid in inside if _command(pid)]
        if not left:
            yield Finding("the end", "ok", "nothing of the sandbox is left")
            return
        time.sleep(0.02)
    yield Finding("the end", "broken", f"processes are left: {', '.join(map(str, left))}", f"kill them, and {BUG}")


def _command(pid: int) -> bytes:
    """Return a process's command line: nothing, if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _answer(
    student: Sandboxed, function: str, *args: object, seconds: float = 10.0, memory: int | None = None
) -> list[str]:
    """Ask for a list of strings. Plain data needs no torch here to be packed."""
    call = Call(function, False, msgspec.msgpack.encode([list(args), {}]))
    reply = student.ask(call, seconds, memory)
    if not isinstance(reply, Value):
        raise GraderError(f"the examination's own program did not answer: {reply}")
    return msgspec.msgpack.decode(reply.data, type=list[str])


def _took(do: Callable[[], object]) -> float:
    started = time.monotonic()
    do()
    return time.monotonic() - started
