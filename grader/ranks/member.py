"""One rank, as the launcher sees it: what it has told, and how it ended."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from contextlib import suppress

from grader.errors import WireError
from grader.wire import protocol
from grader.wire.frames import FrameReader
from grader.wire.protocol import Halted, Loaded, Place, Reply, Value

CHUNK = 1 << 20
QUIET_SECONDS = 0.03
LONGEST_TRACE = 1 << 18


class Member:
    """A forked rank: its process, its socket, and its pipes."""

    def __init__(self, rank: int, pid: int, sock: socket.socket, traced: int, most: int) -> None:
        self.rank = rank
        self.pid = pid
        self.sock = sock
        self.traced = traced
        self.reader = FrameReader(most)
        self.open = True
        self.reply: Reply | None = None
        self.status: int | None = None  # waitpid's, once it has ended
        self.at = 0.0  # when it told, or ended

    @property
    def value(self) -> bytes | None:
        """Its answer, packed, if it has given one. How it ended afterwards does not matter."""
        return self.reply.data if isinstance(self.reply, Value) else None

    @property
    def settled(self) -> bool:
        """Whether no more is to come."""
        return self.reply is not None or self.status is not None

    def take(self) -> bool:
        """Take in what it sends; False when that was all."""
        try:
            data = self.sock.recv(min(CHUNK, self.reader.wanted))
            if not data:
                self._closed()
            self.reader.feed(data)
            if self.reader.complete:
                self._hear(protocol.reply(self.reader.frame))
        except WireError as error:
            self.reply, self.at = self.unread(error), time.monotonic()
        except OSError:
            self._closed()
        return self.open and self.reply is None

    def _closed(self) -> None:
        self.open = False
        self.at = time.monotonic()  # its end; what others say because of it comes later

    def unread(self, error: WireError) -> Halted:
        """Say that what it sent is no answer."""
        return Halted("unread", Place(self.rank, "ended"), message=error.problem)

    def _hear(self, reply: Reply) -> None:
        forged = isinstance(reply, Halted | Loaded)  # a rank speaks for itself only
        self.reply = self.unread(WireError("bytes that are not a reply")) if forged else reply
        self.at = time.monotonic()

    def reap(self) -> None:
        """Notice that it has ended, once what it had sent before is taken in."""
        unread = self.open and self.reply is None and select.select([self.sock], [], [], 0)[0]
        if self.status is not None or unread:
            return
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self.status = status
            self.at = self.at or time.monotonic()

    def trace(self, until: float) -> str:
        """Return the stack that a signal has it write: what has come until then, or until no more comes."""
        found = b""
        while len(found) < LONGEST_TRACE:  # a rank could go on for ever
            left = QUIET_SECONDS if found else max(QUIET_SECONDS, until - time.monotonic())
            if not select.select([self.traced], [], [], left)[0]:
                break
            data = os.read(self.traced, CHUNK)
            if not data:
                break
            found += data
        return found.decode(errors="replace")

    def kill(self) -> None:
        """End it, and its process group."""
        if self.status is None:
            for kill in (os.killpg, os.kill):  # it may have left its group
                with suppress(OSError):
                    kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Wait for its end, and close what is held of it."""
        if self.status is None:
            _, self.status = os.waitpid(self.pid, 0)
        self.sock.close()
        os.close(self.traced)
