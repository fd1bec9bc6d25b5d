"""What went wrong on the student's side, as a value: an outcome, and words that a student may read."""

from __future__ import annotations

import re
import signal

from grader.model import Outcome
from grader.wire.protocol import Bound, Forbade, Missing, Raised, Reply, Unsendable

LONGEST = 200
NUMBER = re.compile(r"\d+\.\d+(?:e[-+]?\d+)?|\d{5,}")
LIMIT_REACHED = 0.5  # of the processor time: the kernel's limit counts begun ticks, and wait4 what was really used
NO_MEMORY = "can't allocate memory"


class StudentFault(Exception):
    """The student's side did not answer with a value."""

    def __init__(self, outcome: Outcome, message: str, *, types: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.types = types  # the exception's classes, where one was raised


def out_of_time(seconds: float, doing: str) -> StudentFault:
    """The wall clock ran out."""
    return StudentFault(Outcome.TIMEOUT, f"{doing} took longer than {seconds:g} s; is there a loop that does not end?")


def out_of_memory(limit: int, doing: str) -> StudentFault:
    """The sandbox as a whole used more than it may."""
    return StudentFault(Outcome.MEMORY, f"{doing} used more than {limit / 2**20:.0f} MB of memory")


def ended(status: int, cpu_seconds: float, cpu_limit: int, doing: str) -> StudentFault:
    """The process ended before it had answered. `status` is wait4's."""
    if status & 0x7F == 0:
        return StudentFault(Outcome.CRASHED, f"{doing} ended the process (exit status {status >> 8})")
    number = status & 0x7F
    if cpu_seconds >= cpu_limit * LIMIT_REACHED and number in (signal.SIGKILL, signal.SIGXCPU):
        return StudentFault(Outcome.TIMEOUT, f"{doing} used its {cpu_limit} s of processor time")
    named = {known.value: known.name for known in signal.Signals}
    name = named.get(number, f"signal {number}")
    return StudentFault(Outcome.CRASHED, f"{doing} ended the process ({name})")


def from_reply(reply: Reply, doing: str) -> StudentFault:
    """Describe a reply that is not a value. Every word in it is the student's side's: cut, and without numbers."""
    if isinstance(reply, Missing):
        return StudentFault(Outcome.NOT_ATTEMPTED, f"{clean(reply.name, 60)} is not defined")
    if isinstance(reply, Bound):
        kind = clean(reply.kind, 60)
        return StudentFault(Outcome.ERROR, f"{clean(reply.name, 60)} is of type {kind}, not a function or class")
    if isinstance(reply, Forbade):
        at = f" ({clean(reply.where, 60)})" if reply.where else ""
        return StudentFault(Outcome.FORBIDDEN, f"{clean(reply.name, 60)} may not be used in this part{at}")
    if isinstance(reply, Unsendable):
        return StudentFault(Outcome.FAILED, f"the answer cannot be compared: {clean(reply.reason)}")
    if isinstance(reply, Raised):
        return _raised(reply, doing)
    return StudentFault(Outcome.CRASHED, f"{doing} gave no answer")


def _raised(reply: Raised, doing: str) -> StudentFault:
    types = tuple(clean(name, 60) for name in reply.types[:20])
    at = f" at {clean(reply.where, 60)}" if reply.where else ""
    if "NotImplementedError" in types:
        return StudentFault(Outcome.NOT_ATTEMPTED, f"not implemented yet{at}", types=types)
    if "MemoryError" in types or NO_MEMORY in reply.message:
        return StudentFault(Outcome.MEMORY, f"{doing} ran out of memory{at}", types=types)
    said = f": {clean(reply.message)}" if reply.message else ""
    return StudentFault(Outcome.ERROR, f"{types[0] if types else 'an exception'}{at}{said}", types=types)


def clean(text: str, most: int = LONGEST) -> str:
    """Return a student-side text fit for a report: one printable line, without numbers that could carry an input."""
    line = "".join(c if c.isprintable() else " " for c in text[: 4 * most])
    short = NUMBER.sub("…", " ".join(line.split()))
    return short if len(short) <= most else short[: most - 1] + "…"
