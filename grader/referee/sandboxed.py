"""A student in a sandbox: asked for answers by wire, and watched from outside while it works."""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress

from grader.errors import SandboxUnavailable, WireError
from grader.model import Limits, Outcome
from grader.referee.entry import Entry
from grader.referee.faults import StudentFault, ended, from_reply, out_of_memory, out_of_time
from grader.referee.memory import anonymous, in_use, largest
from grader.referee.usage import NOT_MEASURED, start_of_forks, used
from grader.wire import protocol
from grader.wire.entry import HELLO
from grader.wire.frames import HEADER, FrameReader
from grader.wire.protocol import Call, Halted, Load, Loaded, Reply

LOOK_EVERY = 0.03  # seconds between two looks at the memory
CHUNK = 1 << 20
END_SECONDS = 2.0
WORD_SECONDS = 0.3  # for the keeper's word of a child that it has just seen end
LEAST_SECONDS = 1.0
CREDENTIALS = struct.Struct("3i")


class _LoaderGoneError(Exception):
    """No candidate greeted: the loader has ended, was stopped, or holds too much memory."""


class Sandboxed:
    """A student's module in its sandbox. Where ending a call takes ending the sandbox, the next call starts another."""

    def __init__(self, enter: Callable[[], Entry], load: Load, limits: Limits) -> None:
        self.enter = enter
        self.request = load
        self.limits = limits
        self.entry: Entry | None = None
        self.cpu_seconds = 0.0
        self.wall_seconds = 0.0  # of all calls, and of loading the module again for them
        self.used = NOT_MEASURED  # by the last call
        self.start = 0  # bytes that a call's process starts with
        self.late: set[tuple[str, ...]] = set()  # the names of parts in which a call ran out of time
        self.printed = ""

    def load(self) -> Loaded:
        """Import the module.

        Raises:
            StudentFault: if that raises, ends the process, or uses more than it may.
        """
        entry = self.entry = self.enter()
        exchange = _Exchange(entry, entry.wire, self.limits, "importing it", self.limits.load_seconds)
        try:
            reply = exchange.answer(protocol.encode(self.request), entry.about.loader)
        except StudentFault:
            self.printed = entry.printed(self.limits.output)
            self.close()
            raise
        self.printed = entry.printed(self.limits.output)
        if not isinstance(reply, Loaded):
            self.close()
            raise from_reply(reply, "importing it")
        self.start = start_of_forks(entry.about.anonymous, anonymous(entry.about.loader))
        return reply

    def ask(self, call: Call, seconds: float, memory: int | None = None) -> Reply:
        """Have a fork of the loaded module answer, and return its reply.

        Raises:
            StudentFault: if it does not answer within its limits, or ends first.
        """
        try:
            return self._asked(call, seconds, memory)
        except _LoaderGoneError:  # perhaps an earlier call's doing, and not this one's fault
            return self._asked(call, seconds, memory, again=True)

    def _asked(self, call: Call, seconds: float, memory: int | None, *, again: bool = False) -> Reply:
        self._allowed(call, seconds)
        entry = self._entered()
        seconds = self._allowed(call, seconds)
        started = time.monotonic()
        near, far = socket.socketpair()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        with near, far:
            with suppress(OSError):  # a loader that is gone: told by what follows
                entry.fork(far)
            far.close()
            exchange = _Exchange(entry, near, self.limits, f"{call.target}()", seconds, memory)
            try:
                reply = exchange.answer(protocol.encode(call.within(seconds)))
                if isinstance(reply, Halted) and reply.how == "stuck" and time.monotonic() > started + seconds / 2:
                    self.late.add(call.names)
                return reply
            except StudentFault as fault:
                if exchange.sender is None and not again:
                    raise _LoaderGoneError from fault
                if fault.outcome is Outcome.TIMEOUT:
                    self.late.add(call.names)
                raise
            finally:
                executes = self.request.fresh is not None or call.script is not None
                self._end_call(entry, exchange, None if executes else self.start)
                self.wall_seconds += time.monotonic() - started

    def _entered(self) -> Entry:
        """Return the sandbox; enter another where it has ended."""
        if self.entry is None or self.entry.gone:
            started = time.monotonic()
            self.close()
            try:
                self.load()
            finally:
                self.wall_seconds += time.monotonic() - started
        assert self.entry is not None
        return self.entry

    def _allowed(self, call: Call, seconds: float) -> float:
        """Return how long a call may take: where one of its part ran out of time, others get a tenth.

        A loop that does not end would otherwise cost its limit once a check, and a class would wait for it.
        """
        if call.names in self.late and call.script is None:  # there is one script, and starting it takes seconds
            least = LEAST_SECONDS * (call.ranks.nprocs if call.ranks else 1)
            seconds = max(min(seconds, least), seconds / 10)
        left = self.limits.submission_seconds - self.wall_seconds
        if left <= 0:
            raise StudentFault(
                Outcome.TIMEOUT, f"all calls together took {self.limits.submission_seconds:g} s: no more"
            )
        return min(seconds, left)

    def _end_call(self, entry: Entry, exchange: _Exchange, start: int | None) -> None:
        """See the candidate's end; where it does not come, or others stay behind, end the sandbox."""
        pid = exchange.sender
        if pid is not None and entry.wait_ended(pid, 0.05) is None:
            ours = entry.has_child(pid)
            if ours:
                with suppress(OSError):
                    entry.kill(pid)
            entry.wait_ended(pid, END_SECONDS if ours else WORD_SECONDS)
        self.used = used(None if pid is None else entry.ended.pop(pid, None), start, exchange.largest)
        self.cpu_seconds += self.used.cpu_seconds
        if pid is None or entry.gone or entry.stopped or entry.strays():
            self.close()

    def close(self) -> None:
        """End the sandbox and all that is in it."""
        if self.entry is not None:
            entry, self.entry = self.entry, None
            loader = entry.about.loader
            if entry.holder is not None:
                entry.hear()  # a keeper whose words nobody takes reaps no more, and pid 1 waits for that
                entry.holder.end()
                entry.holder = None
                entry.wait_ended(loader, END_SECONDS)
                self.cpu_seconds += sum(end.cpu_seconds for end in entry.ended.values())
            entry.close()


class _Exchange:
    """One request and its reply, against a deadline."""

    def __init__(
        self, entry: Entry, sock: socket.socket, limits: Limits, doing: str, seconds: float, memory: int | None = None
    ) -> None:
        self.entry = entry
        self.sock = sock
        self.limits = limits
        self.doing = doing
        self.seconds = seconds
        self.memory = limits.memory if memory is None else memory
        self.until = time.monotonic() + seconds
        self.look_at = time.monotonic() + LOOK_EVERY
        self.sender: int | None = None
        self.largest = 0  # of the processes, in bytes, in any look
        self.unsent = memoryview(b"")

    def answer(self, payload: bytes, loader: int | None = None) -> Reply:
        """Send the request, and return the reply of the loader, or of a candidate, who greets with one byte first."""
        self.unsent = memoryview(HEADER.pack(len(payload)) + payload)
        self._push()
        reader = FrameReader(self.limits.reply)
        hello = loader is None
        self.sender = loader
        try:
            while not reader.complete:
                data, pid = self._some(1 if hello else min(CHUNK, reader.wanted))
                if not data:
                    raise self._ended()
                if hello:
                    self.sender, hello = pid, False
                    if data != HELLO:
                        raise WireError("a candidate that does not greet")
                else:
                    reader.feed(data)
            return protocol.reply(reader.frame)
        except WireError as error:
            raise StudentFault(Outcome.FAILED, f"the answer cannot be read: {error.problem}") from error

    def _push(self) -> None:
        """Send what the other side has room for: it may read slowly, or never, while it is watched."""
        try:
            self.unsent = self.unsent[self.sock.send(self.unsent, socket.MSG_DONTWAIT) :]
        except BlockingIOError:
            pass
        except OSError:  # it ended: what it sent before tells how
            self.unsent = self.unsent[:0]

    def _some(self, wanted: int) -> tuple[bytes, int | None]:
        """Return some bytes, b"" when nobody is left who could send any, and the sender's pid."""
        room = 0 if self.sender else socket.CMSG_SPACE(CREDENTIALS.size)  # none for descriptors that somebody sends us
        while (left := self.until - time.monotonic()) > 0:
            self._look()
            sending = [self.sock] if self.unsent else []
            readable, writable, _ = select.select([self.sock, self.entry.control], sending, [], min(left, LOOK_EVERY))
            if writable:
                self._push()
            if self.sock in readable:
                try:
                    data, extra, _, _ = self.sock.recvmsg(wanted, room)
                except ConnectionResetError:
                    return b"", None
                return data, _pid(extra)
            if readable:
                self.entry.hear()
                if self._over:
                    return self._last(wanted)
        raise out_of_time(self.seconds, self.doing)

    @property
    def _over(self) -> bool:
        """Whether nobody is left who answers. A candidate outlives its loader, which was killed perhaps by it."""
        if self.sender is None:
            return self.entry.gone
        return self.entry.lost or self.sender in self.entry.ended

    def _look(self) -> None:
        """Look at the memory when it is time to, also while there is always something to read."""
        started = time.monotonic()
        if started < self.look_at:
            return
        entry = self.entry
        if in_use(entry.roots, entry.folders, entry.about.anonymous, self.memory) > self.memory:
            raise out_of_memory(self.memory, self.doing)
        self.largest = max(self.largest, largest(entry.roots))
        looked = time.monotonic()
        self.look_at = looked + max(LOOK_EVERY, 2 * (looked - started))  # a look at many processes takes long

    def _last(self, wanted: int) -> tuple[bytes, int | None]:
        """The sender has ended: what it had sent before is still there."""
        self.sock.settimeout(0)
        try:
            return self.sock.recv(wanted), self.sender
        except OSError:
            return b"", None

    def _ended(self) -> StudentFault:
        if self.entry.lost:
            raise SandboxUnavailable("the keeper of the sandbox ended while student code was running")
        pid = self.sender if self.sender is not None else next(iter(self.entry.ended), self.entry.about.loader)
        end = self.entry.wait_ended(pid, END_SECONDS)
        if end is None:
            return StudentFault(Outcome.CRASHED, f"{self.doing} closed its answer without giving one")
        return ended(end.status, end.cpu_seconds, self.limits.cpu_seconds, self.doing)


def _pid(extra: list[tuple[int, int, bytes]]) -> int | None:
    """The sending process, from the kernel's credentials: it cannot be forged."""
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS and len(data) >= CREDENTIALS.size:
            return int(CREDENTIALS.unpack(data[: CREDENTIALS.size])[0]) or None
    return None
