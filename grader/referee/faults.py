"""What went wrong on the student's side, as a value: an outcome, and words that a student may read."""

from __future__ import annotations

import re
import signal

from grader.model import Outcome
from grader.teaching.faults import say
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
    return StudentFault(Outcome.TIMEOUT, say("out_of_time", doing=doing, seconds=f"{seconds:g}"))


def out_of_memory(limit: int, doing: str) -> StudentFault:
    """The sandbox as a whole used more than it may."""
    return StudentFault(Outcome.MEMORY, say("out_of_memory", doing=doing, megabytes=f"{limit / 2**20:.0f}"))


def ended(status: int, cpu_seconds: float, cpu_limit: int, doing: str) -> StudentFault:
    """The process ended before it had answered. `status` is wait4's."""
    if status & 0x7F == 0:
        return StudentFault(Outcome.CRASHED, say("exit", doing=doing, status=status >> 8))
    number = status & 0x7F
    if cpu_seconds >= cpu_limit * LIMIT_REACHED and number in (signal.SIGKILL, signal.SIGXCPU):
        return StudentFault(Outcome.TIMEOUT, say("cpu_time", doing=doing, seconds=cpu_limit))
    named = {known.value: known.name for known in signal.Signals}
    name = named.get(number, f"signal {number}")
    return StudentFault(Outcome.CRASHED, say("signal", doing=doing, signal=name))


def from_reply(reply: Reply, doing: str) -> StudentFault:
    """Describe a reply that is not a value. Every word in it is the student's side's: cut, and without numbers."""
    if isinstance(reply, Missing):
        return StudentFault(Outcome.NOT_ATTEMPTED, say("missing", name=clean(reply.name, 60)))
    if isinstance(reply, Bound):
        said = say("bound", name=clean(reply.name, 60), kind=clean(reply.kind, 60))
        return StudentFault(Outcome.ERROR, said)
    if isinstance(reply, Forbade):
        return StudentFault(Outcome.FORBIDDEN, _forbidden(reply))
    if isinstance(reply, Unsendable):
        return StudentFault(Outcome.FAILED, say("no_data", reason=clean(reply.reason)))
    if isinstance(reply, Raised):
        return _raised(reply, doing)
    if isinstance(reply, Halted):
        fault = _halted(reply)
        fault.detail = reply.output
        return fault
    return StudentFault(Outcome.CRASHED, say("no_answer", doing=doing))


def _forbidden(reply: Forbade) -> str:
    """Say which call it was, as the student wrote it, and what it leads to where that has another name."""
    name, written = clean(reply.name.removesuffix("?"), 80), clean(reply.written, 60)
    at = say("in_line", where=clean(reply.where, 60)) if reply.where else ""
    if not written or written.rpartition(".")[2] == name.rpartition(".")[2]:
        return say("forbidden", name=written or name, at=at)
    return say("forbidden_alias", written=written, name=name, at=at)


def _raised(reply: Raised, doing: str) -> StudentFault:
    types = tuple(clean(name, 60) for name in reply.types[:20])
    at = _line(reply.where)
    if "NotImplementedError" in types:
        return StudentFault(Outcome.NOT_ATTEMPTED, say("stub", at=at), types=types)
    if "OutOfMemoryError" in types:  # torch's, of a GPU: the processor's raise others
        return StudentFault(Outcome.MEMORY, say("gpu_memory", doing=doing, at=at), types=types)
    if "MemoryError" in types or NO_MEMORY in reply.message:
        return StudentFault(Outcome.MEMORY, say("memory", doing=doing, at=at), types=types)
    said = say("message", message=clean(reply.message)) if reply.message else ""
    kind = types[0] if types else say("some_exception")
    return StudentFault(Outcome.ERROR, say("raised", kind=kind, at=at, said=said), types=types)


# ---- several ranks ---------------------------------------------------------------------------------------------


def _halted(reply: Halted) -> StudentFault:
    rank = _named([reply.place.rank])
    match reply.how:
        case "raised":
            everywhere = all((other.state, other.where) == ("raised", reply.place.where) for other in reply.others)
            who = say("every_rank") if everywhere and reply.others else rank
            fault = _raised(Raised(reply.types, reply.place.where, reply.message), who)
            said = fault.message
            if fault.outcome is not Outcome.NOT_ATTEMPTED and not said.startswith(who):
                said = say("of_rank", who=who, said=said)
            return StudentFault(fault.outcome, said, types=fault.types)
        case "ended":
            return ended(reply.status, 0.0, 1, rank)
        case "unread":
            return StudentFault(Outcome.FAILED, say("rank_unread", who=rank, reason=clean(reply.message)))
        case "mismatch":
            return StudentFault(Outcome.ERROR, _mismatch(reply), types=reply.types)
    return StudentFault(Outcome.TIMEOUT, _stuck(reply))


def _mismatch(reply: Halted) -> str:
    """Say what two ranks called that do not fit together."""
    places = sorted((reply.place, *reply.others), key=lambda place: place.rank)
    called = [place for place in places if place.collective]
    if not called:
        return say("misfit", who=_named([reply.place.rank]), at=_at(reply.place))
    one = called[0]
    fits = [(place.collective, place.shape, place.dtype) for place in called]
    other = next((place for place, fit in zip(called, fits, strict=True) if fit != fits[0]), None)
    if other is None:
        return say("misfit_one", who=_named([one.rank]), call=_call(one, dtype=True))
    dtype = one.dtype != other.dtype
    who, whom = _named([other.rank]), _named([one.rank])
    return say("misfit_two", who=who, call=_call(other, dtype), other=whom, others=_call(one, dtype))


def _call(place: Place, dtype: bool) -> str:
    size = ""
    if place.shape is not None:
        size = "x".join(map(str, place.shape)) or "1"
        kind = f" {clean(place.dtype, 20)}" if dtype else ""
        size = say("size" if size != "1" else "one_number", size=size, dtype=kind)
    return clean(f"{place.collective}{size}", 80) + _at(place)


def _stuck(reply: Halted) -> str:
    """Say where all ranks were: those in one place together, the one that the others wait for first."""
    doing: dict[str, list[int]] = {}
    for place in (reply.place, *reply.others):
        doing.setdefault(_where(place), []).append(place.rank)
    return say("then").join(say("stuck", who=_named(ranks), text=text) for text, ranks in list(doing.items())[:3])


def _named(ranks: list[int]) -> str:
    if len(ranks) == 1:
        return say("rank", rank=ranks[0])
    return say("ranks", ranks=say("comma").join(map(str, ranks[:-1])), last=ranks[-1])


def _where(place: Place) -> str:
    match place.state:
        case "works":
            return say("works", at=_at(place))
        case "waits":
            return say("waits", collective=clean(place.collective, 60), at=_at(place))
        case "raised":
            return say("waits_in_vain", at=_at(place))
        case "answered":
            return say("returned")
    return say("over")


def _at(place: Place) -> str:
    return _line(place.where)


def _line(where: str) -> str:
    return say("at_line", where=clean(where, 60)) if where else ""


def clean(text: str, most: int = LONGEST) -> str:
    """Return a student-side text fit for a report: one printable line, without numbers that could carry an input."""
    line = "".join(c if c.isprintable() else " " for c in text[: 4 * most])
    short = NUMBER.sub("…", " ".join(line.split()))
    return short if len(short) <= most else short[: most - 1] + "…"
