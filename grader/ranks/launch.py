"""Forks the ranks of one call, waits for what they answer, and ends them all, and what they have started."""

from __future__ import annotations

import os
import selectors
import socket
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from types import ModuleType
from typing import Any

from msgspec.structs import replace

from grader.errors import WireError
from grader.ranks import cause, rank, stack, torchrun
from grader.ranks.ending import end_children
from grader.ranks.idleness import Idleness, busy
from grader.ranks.member import Member
from grader.ranks.output import Output
from grader.ranks.rendezvous import Rendezvous, within
from grader.wire.answer import answer
from grader.wire.linux import PR_SET_CHILD_SUBREAPER, prctl
from grader.wire.protocol import Call, Halted, Place, Ranks, Reply, Unsendable, Value
from grader.wire.values import pack, unpack

LOOK_EVERY = 0.05
TRACE_SECONDS = 0.5
GRACE = 0.3  # for the others to say what happened to them


def answered(
    call: Call,
    student: ModuleType,
    probes: ModuleType,
    *,
    root: str,
    guard: AbstractContextManager[object] | None = None,
    arrived: Callable[[Any], Any] | None = None,
    most: int,
) -> Reply:
    """Answer a call, in this process, in as many ranks as it asks for, or after a run of torchrun.

    `most` is of bytes in one answer.
    """
    work = partial(answer, call, student, probes, root=root, guard=guard)
    if call.script is not None:
        return torchrun.answered(call, str(student.__file__), root, partial(torchrun.given, work, arrived))
    work = partial(work, arrived=arrived)
    if call.ranks is None:
        return work()
    if sys.platform == "linux":
        prctl(PR_SET_CHILD_SUBREAPER, 1)  # what a rank leaves behind comes to this process, and is ended
    with Rendezvous(call.ranks) as rendezvous:
        return Launch(call.ranks, rendezvous, work, root, most).reply()


class Launch:
    """The ranks of one call. Each has a socket, and pipes for what it prints and for where it is, of its own."""

    def __init__(self, ranks: Ranks, rendezvous: Rendezvous, work: Callable[[], Reply], root: str, most: int) -> None:
        self.ranks = ranks
        self.root = root
        self.until = time.monotonic() + within(ranks.seconds)
        self.output = Output()
        self.members: list[Member] = []
        self.selector = selectors.DefaultSelector()
        self.idleness = Idleness()
        self.selector.register(self.output.near, selectors.EVENT_READ, self.output.take)
        for number in range(ranks.nprocs):
            self.members.append(self._forked(number, rendezvous, work, most))

    def reply(self) -> Reply:
        """Return the list of all answers, or the first cause why there is none. Nothing is left running."""
        try:
            while (found := self._found()) is None:
                self._listen(LOOK_EVERY)
        finally:
            self._end()
        if isinstance(found, Halted):
            return replace(found, output=self.output.last())
        return found

    def _forked(self, number: int, rendezvous: Rendezvous, work: Callable[[], Reply], most: int) -> Member:
        near, far = socket.socketpair()
        traced, traces = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                rank.settle(far, self.output.far, traces)
                rank.serve(number, self.ranks, rendezvous, work, far, traces)
            finally:
                os._exit(rank.BROKE)
        far.close()
        os.close(traces)
        self.output.ranks[pid] = number
        member = Member(number, pid, near, traced, most)
        self.selector.register(near, selectors.EVENT_READ, member.take)
        return member

    def _listen(self, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            if not key.data():
                self.selector.unregister(key.fileobj)
        for member in self.members:
            member.reap()

    def _found(self) -> Reply | None:
        """Return what came of it, as soon as that is certain."""
        if all(member.value is not None for member in self.members):
            return self._values()
        now = time.monotonic()
        running = [member for member in self.members if not member.settled]
        if (first := cause.first(self.members)) and (not running or now > first.at + GRACE):
            return cause.halted(first, self.members)
        gave_up = min((member.at for member in self.members if cause.follows(member)), default=self.until)
        if not running or now > min(self.until, gave_up + GRACE):
            return cause.stuck(self._places())
        if self.idleness.of([member.pid for member in running]):
            places = self._places()
            return None if any(place.state == "works" for place in places) else cause.stuck(places)
        return None

    def _values(self) -> Reply:
        values = []
        for member in self.members:
            try:
                values.append(unpack(member.value or b""))
            except WireError as error:
                return member.unread(error)
        try:
            return Value(pack(values))
        except WireError as error:  # each could be sent, and all of them in one list cannot
            return Unsendable(error.problem)

    def _places(self) -> list[Place]:
        """Return where all are: those that are still running write it themselves, all at once."""
        running = [member for member in self.members if not member.settled]
        works = {member.rank: busy(member.pid) for member in running}
        for member in running:
            with suppress(OSError):
                os.kill(member.pid, rank.WHERE)
        until = time.monotonic() + TRACE_SECONDS
        return [
            cause.place(member) or stack.place(member.rank, member.trace(until), self.root, busy=works[member.rank])
            for member in self.members
        ]

    def _end(self) -> None:
        for member in self.members:
            member.kill()
        for member in self.members:
            member.close()
        end_children()
        self.selector.close()
        self.output.close()
