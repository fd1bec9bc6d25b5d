"""Which of the things that went wrong in several ranks was the first, and what only followed from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, Protocol, TypeVar

from msgspec.structs import replace

from grader.wire.protocol import Halted, Place, Raised, Reply, Value

FOLLOWS = re.compile(
    r"Connection (reset|closed|refused)|Broken pipe|Timed out|Wait timeout|timed out|Timeout|"
    r"failed to pass monitoredBarrier|Socket closed|recvValue failed"
)
MISMATCH = re.compile(
    r"Detected mismatch between collectives on ranks\. Rank \d+ is running collective: CollectiveFingerPrint\("
    r"SequenceNumber=\d+(?:, )?OpType=(?P<op>\w+)(?:, TensorShape=\[(?P<shape>[\d, ]*)\])?"
    r"(?:, TensorDtypes=(?P<dtype>\w+))?"
)
OPERATIONS = {
    "ALLREDUCE": "all_reduce", "BROADCAST": "broadcast", "REDUCE": "reduce", "ALLGATHER": "all_gather",
    "_ALLGATHER_BASE": "all_gather_into_tensor", "GATHER": "gather", "SCATTER": "scatter",
    "REDUCE_SCATTER": "reduce_scatter", "_REDUCE_SCATTER_BASE": "reduce_scatter_tensor", "ALLTOALL": "all_to_all",
    "ALLTOALL_BASE": "all_to_all_single", "BARRIER": "barrier", "ALLREDUCE_COALESCED": "all_reduce_coalesced",
}  # fmt: skip
DTYPES = {
    "Float": "float32", "Double": "float64", "Half": "float16", "BFloat16": "bfloat16", "Int": "int32",
    "Long": "int64", "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool",
}  # fmt: skip


class Known(Protocol):
    """What is known of a rank: what it told, how and when it ended, and whether that is all."""

    rank: int
    reply: Reply | None
    status: int | None
    at: float

    @property
    def value(self) -> bytes | None:
        """Its answer."""

    @property
    def settled(self) -> bool:
        """Whether no more is to come."""


Member = TypeVar("Member", bound=Known)

BLAMED = ("works", "waits", "raised", "ended", "answered")


def first(members: Sequence[Member]) -> Member | None:
    """Return the first rank that failed by itself, if one has.

    A process that ended goes before exceptions: those may follow from it, and nothing that ends a process does.
    """
    failed = [member for member in members if member.value is None and member.settled and not follows(member)]
    return min(failed, key=lambda member: (member.reply is not None, member.at), default=None)


def follows(member: Known) -> bool:
    """Whether it raised only because others were gone or did not come."""
    reply = member.reply
    return isinstance(reply, Raised) and "RuntimeError" in reply.types and FOLLOWS.search(reply.message) is not None


def place(member: Known) -> Place | None:
    """Return how a rank has ended; None while it has not."""
    if isinstance(member.reply, Value):
        return Place(member.rank, "answered")
    if isinstance(member.reply, Raised):
        return _raised(member.rank, member.reply)
    return Place(member.rank, "ended") if member.settled else None


def halted(cause: Known, members: Sequence[Known]) -> Reply:
    """Say what the first cause was. What is no fault of a single rank is said as of one process."""
    others = tuple(place(other) or Place(other.rank, "works") for other in members if other is not cause)
    match cause.reply:
        case None:
            return Halted("ended", Place(cause.rank, "ended"), others, status=cause.status or 0)
        case Halted():
            return replace(cause.reply, others=others)
        case Raised(types, _, message):
            how: Literal["mismatch", "raised"] = "mismatch" if MISMATCH.search(message) else "raised"
            return Halted(how, _raised(cause.rank, cause.reply), others, types, message)
    return cause.reply


def stuck(places: Sequence[Place]) -> Halted:
    """Say where all are; first one for which the others wait, if there is one."""
    first, *others = sorted(places, key=lambda place: BLAMED.index(place.state))
    return Halted("stuck", first, tuple(others))


def _raised(rank: int, reply: Raised) -> Place:
    found = MISMATCH.search(reply.message)
    if found is None:
        return Place(rank, "raised", where=reply.where)
    shape = None if found["shape"] is None else tuple(int(n) for n in re.findall(r"\d+", found["shape"]))
    name = OPERATIONS.get(found["op"], found["op"].lower())
    return Place(rank, "raised", name, reply.where, shape, DTYPES.get(found["dtype"] or "", ""))
