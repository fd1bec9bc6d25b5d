"""Which rank was at fault, of several that failed."""

from __future__ import annotations

import pytest

from grader.ranks import cause
from grader.ranks.member import Member
from grader.wire.protocol import Halted, Missing, Place, Raised, Reply, Value

RUNTIME = ("RuntimeError", "Exception")
CLOSED = "[/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:553] Connection closed by peer [127.0.0.1]:36789"
MISMATCH = (
    "Detected mismatch between collectives on ranks. Rank {} is running collective: CollectiveFingerPrint("
    "SequenceNumber=0{}OpType={}), but Rank 1 is running"
)


def member(rank: int, at: float, reply: Reply | None = None, status: int | None = None) -> Member:
    """A rank that said something, or ended, at a time."""
    made = object.__new__(Member)
    made.rank, made.at, made.reply, made.status = rank, at, reply, status
    return made


def raised(kind: str = "ValueError", message: str = "", where: str = "tiny.py, line 3") -> Raised:
    return Raised((kind, "Exception"), where, message)


@pytest.mark.parametrize(
    "said",
    [
        CLOSED,
        "[/pytorch/gloo/transport/tcp/pair.cc] Read error [127.0.0.1]:9: Connection reset by peer",
        "[/pytorch/gloo/transport/tcp/unbound_buffer.cc:78] Timed out waiting 3000ms for recv operation to complete",
        "Wait timeout",
        "[Rank 0]: Ranks 1 failed to pass monitoredBarrier in 3000 ms",
        "Broken pipe",
    ],
)
def test_what_a_rank_raises_because_of_others_is_never_the_cause(said):
    followed = member(0, 1.0, Raised(RUNTIME, message=said))
    assert cause.first([followed, member(1, 2.0, raised())]).rank == 1
    assert cause.first([followed, member(1, 2.0)]) is None


def test_students_may_use_such_words_themselves():
    assert cause.first([member(0, 1.0, raised("ValueError", "Timed out"))]).rank == 0


def test_the_earliest_exception_is_the_cause():
    assert cause.first([member(0, 2.0, raised()), member(1, 1.0, raised()), member(2, 3.0, raised())]).rank == 1


def test_a_process_that_ended_goes_before_what_was_raised():
    assert cause.first([member(0, 1.0, raised()), member(1, 1.1, status=9)]).rank == 1


def test_ranks_that_answered_are_no_cause_whatever_became_of_them():
    assert cause.first([member(0, 1.0, Value(b""), status=6), member(1, 2.0, raised())]).rank == 1
    assert cause.first([member(0, 1.0, Value(b""), status=6)]) is None


def test_what_is_the_fault_of_no_single_rank_is_said_as_of_one_process():
    members = [member(0, 1.0, Missing("ring")), member(1, 1.1, Missing("ring"))]
    assert cause.halted(members[0], members) == Missing("ring")


def test_the_other_ranks_are_told_too():
    members = [member(0, 2.0, raised()), member(1, 1.0, raised("KeyError")), member(2, 3.0), member(3, 1.0, Value(b""))]
    found = cause.halted(members[1], members)
    assert isinstance(found, Halted)
    assert (found.how, found.place.rank, found.types[0]) == ("raised", 1, "KeyError")
    assert [(place.rank, place.state) for place in found.others] == [(0, "raised"), (2, "works"), (3, "answered")]


@pytest.mark.parametrize(
    ("printed", "place"),
    [
        ((", ", "ALLREDUCE, TensorShape=[8], TensorDtypes=Float, Tens"), ("all_reduce", (8,), "float32")),
        ((", ", "BROADCAST, TensorShape=[2, 3], TensorDtypes=Long"), ("broadcast", (2, 3), "int64")),
        ((", ", "ALLREDUCE, TensorShape=[], TensorDtypes=Double"), ("all_reduce", (), "float64")),
        ((", ", "_ALLGATHER_BASE, TensorShape=[4"), ("all_gather_into_tensor", None, "")),
        (("", "BARRIER"), ("barrier", None, "")),  # as torch prints it
        ((", ", "NEWER_THAN_THIS"), ("newer_than_this", None, "")),
    ],
)
def test_what_torch_prints_of_a_collective_is_read(printed, place):
    reply = Raised(RUNTIME, "tiny.py, line 3", MISMATCH.format(0, *printed))
    found = cause.place(member(0, 1.0, reply))
    assert found == Place(0, "raised", place[0], "tiny.py, line 3", place[1], place[2])


def test_who_is_waited_for_comes_first():
    places = [Place(0, "answered"), Place(1, "waits"), Place(2, "works"), Place(3, "ended")]
    found = cause.stuck(places)
    assert (found.place.rank, [place.rank for place in found.others]) == (2, [1, 3, 0])
