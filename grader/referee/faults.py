"""What went wrong on the student's side, as a value: an outcome, and words that a student may read."""

from __future__ import annotations

import re
import signal

from grader.model import Outcome
from grader.wire.protocol import Bound, Forbade, Halted, Missing, Place, Raised, Reply, Unsendable

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
        self.detail = ""  # for the instructor


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
        return StudentFault(Outcome.FORBIDDEN, _forbidden(reply))
    if isinstance(reply, Unsendable):
        return StudentFault(Outcome.FAILED, f"the answer cannot be compared: {clean(reply.reason)}")
    if isinstance(reply, Raised):
        return _raised(reply, doing)
    if isinstance(reply, Halted):
        fault = _halted(reply)
        fault.detail = reply.output
        return fault
    return StudentFault(Outcome.CRASHED, f"{doing} gave no answer")


def _forbidden(reply: Forbade) -> str:
    """Say which call it was, as the student wrote it, and what it leads to where that has another name."""
    name, written = clean(reply.name.removesuffix("?"), 80), clean(reply.written, 60)
    at = f" ({clean(reply.where, 60)})" if reply.where else ""
    if not written or written == name:
        return f"{name} may not be used in this part{at}"
    if written.rpartition(".")[2] == name.rpartition(".")[2]:
        return f"{written} may not be used in this part{at}"
    return f"{written} calls {name}, which may not be used in this part{at}"


def _raised(reply: Raised, doing: str) -> StudentFault:
    types = tuple(clean(name, 60) for name in reply.types[:20])
    at = f" at {clean(reply.where, 60)}" if reply.where else ""
    if "NotImplementedError" in types:
        return StudentFault(Outcome.NOT_ATTEMPTED, f"not implemented yet{at}", types=types)
    if "OutOfMemoryError" in types:  # torch's, of a GPU: the processor's raise others
        return StudentFault(Outcome.MEMORY, f"{doing} ran out of GPU memory{at}", types=types)
    if "MemoryError" in types or NO_MEMORY in reply.message:
        return StudentFault(Outcome.MEMORY, f"{doing} ran out of memory{at}", types=types)
    said = f": {clean(reply.message)}" if reply.message else ""
    return StudentFault(Outcome.ERROR, f"{types[0] if types else 'an exception'}{at}{said}", types=types)


# ---- several ranks ---------------------------------------------------------------------------------------------


def _halted(reply: Halted) -> StudentFault:
    rank = f"rank {reply.place.rank}"
    match reply.how:
        case "raised":
            everywhere = all((other.state, other.where) == ("raised", reply.place.where) for other in reply.others)
            who = "every rank" if everywhere and reply.others else rank
            fault = _raised(Raised(reply.types, reply.place.where, reply.message), who)
            said = fault.message
            if fault.outcome is not Outcome.NOT_ATTEMPTED and not said.startswith(who):
                said = f"{who}: {said}"
            return StudentFault(fault.outcome, said, types=fault.types)
        case "ended":
            return ended(reply.status, 0.0, 1, rank)
        case "unread":
            return StudentFault(Outcome.FAILED, f"the answer of {rank} cannot be read: {clean(reply.message)}")
        case "mismatch":
            return StudentFault(Outcome.ERROR, _mismatch(reply), types=reply.types)
    return StudentFault(Outcome.TIMEOUT, _stuck(reply))


def _mismatch(reply: Halted) -> str:
    """Say what two ranks called that do not fit together."""
    places = sorted((reply.place, *reply.others), key=lambda place: place.rank)
    called = [place for place in places if place.collective]
    if not called:
        return f"rank {reply.place.rank} called a collective that does not fit another rank's{_at(reply.place)}"
    one = called[0]
    fits = [(place.collective, place.shape, place.dtype) for place in called]
    other = next((place for place, fit in zip(called, fits, strict=True) if fit != fits[0]), None)
    if other is None:
        return f"rank {one.rank} called {_call(one, dtype=True)}, and another rank something else"
    dtype = one.dtype != other.dtype
    return f"rank {other.rank} called {_call(other, dtype)} where rank {one.rank} called {_call(one, dtype)}"


def _call(place: Place, dtype: bool) -> str:
    size = ""
    if place.shape is not None:
        size = "x".join(map(str, place.shape)) or "1"
        size = f" on {size}{f' {clean(place.dtype, 20)}' if dtype else ''} number{'' if size == '1' else 's'}"
    return clean(f"{place.collective}{size}", 80) + _at(place)


def _stuck(reply: Halted) -> str:
    """Say where all ranks were: those in one place together, the one that the others wait for first."""
    doing: dict[str, list[int]] = {}
    for place in (reply.place, *reply.others):
        doing.setdefault(_where(place), []).append(place.rank)
    return "; ".join(f"{_named(ranks)} {text}" for text, ranks in list(doing.items())[:3])


def _named(ranks: list[int]) -> str:
    return f"rank {ranks[0]}" if len(ranks) == 1 else f"ranks {', '.join(map(str, ranks[:-1]))} and {ranks[-1]}"


def _where(place: Place) -> str:
    match place.state:
        case "works":
            return f"did not come to an end{_at(place)}"
        case "waits":
            return f"waited for others in {clean(place.collective, 60)}{_at(place)}"
        case "raised":
            return f"waited for others in vain{_at(place)}"
        case "answered":
            return "had returned"
    return "had ended"


def _at(place: Place) -> str:
    return f" at {clean(place.where, 60)}" if place.where else ""


def clean(text: str, most: int = LONGEST) -> str:
    """Return a student-side text fit for a report: one printable line, without numbers that could carry an input."""
    line = "".join(c if c.isprintable() else " " for c in text[: 4 * most])
    short = NUMBER.sub("…", " ".join(line.split()))
    return short if len(short) <= most else short[: most - 1] + "…"
