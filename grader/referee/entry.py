"""Enters a sandbox through the zygote, and hears from the keeper how its processes ended."""

from __future__ import annotations

import os
import select
import socket
import time
from contextlib import suppress
from typing import Protocol

from grader.errors import SandboxUnavailable
from grader.model import Limits
from grader.referee.memory import children
from grader.wire.entry import CALL, ENDED, ENTERED, TERMS, Ended, Entered, Terms

ENTRY_SECONDS = 20.0
MESSAGE = 512


class Holder(Protocol):
    """A started sandbox, as its plugin gives it."""

    pid: int
    pidfd: int

    def end(self) -> None:
        """Kill all that is inside."""


class Entry:
    """An entered sandbox: its keeper's control socket, the loader's wire, and what can be seen of it from outside."""

    def __init__(self, zygote: socket.socket, limits: Limits, holder: Holder | None) -> None:
        self.holder = holder
        self.control, control_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.wire, wire_end = socket.socketpair()
        descriptors = [control_end.fileno(), wire_end.fileno(), *([holder.pidfd] if holder else [])]
        with suppress(OSError):  # a zygote that has ended: nobody will answer
            socket.send_fds(zygote, [TERMS.pack(*_terms(limits, holder))], descriptors)
        control_end.close()
        wire_end.close()
        self.ended: dict[int, Ended] = {}
        self.lost = False  # the keeper has ended, which student code cannot bring about
        self.about, (self.output, *self.folders) = self._entered()

    def _entered(self) -> tuple[Entered, list[int]]:
        """Wait for the keeper's word."""
        self.control.settimeout(ENTRY_SECONDS)
        try:
            data, descriptors, _, _ = socket.recv_fds(self.control, MESSAGE, 8)
        except TimeoutError:
            data, descriptors = b"the keeper did not answer", []
        self.control.settimeout(None)
        if not descriptors:
            self.close()
            said = data.decode(errors="replace") or "the warm process has ended"
            raise SandboxUnavailable(f"a sandbox could not be entered: {said}", step="grader doctor")
        return Entered._make(ENTERED.unpack(data)), descriptors

    def hear(self) -> None:
        """Take in which children of the keeper have ended; never blocks."""
        while select.select([self.control], [], [], 0)[0]:
            try:
                data = self.control.recv(MESSAGE)
            except ConnectionResetError:
                data = b""
            if not data:
                self.lost = True
                self.ended[self.about.loader] = Ended(self.about.loader, 9, 0.0, 0)
                return
            if len(data) == ENDED.size:
                ended = Ended._make(ENDED.unpack(data))
                self.ended[ended.pid] = ended

    @property
    def gone(self) -> bool:
        """Whether the loader has ended, so that no more calls can be made."""
        self.hear()
        return self.about.loader in self.ended

    def fork(self, call: socket.socket) -> None:
        """Have the loader fork a candidate that answers on this socket."""
        socket.send_fds(self.wire, [CALL], [call.fileno()])

    def kill(self, pid: int) -> None:
        """Have the keeper kill one of its children."""
        self.control.send(str(pid).encode())

    def wait_ended(self, pid: int, seconds: float) -> Ended | None:
        """Return how a process ended, as soon as the keeper says it; None if it does not within the time."""
        until = time.monotonic() + seconds
        while pid not in self.ended and (left := until - time.monotonic()) > 0:
            select.select([self.control], [], [], left)
            self.hear()
            if self.about.loader in self.ended and pid not in self.ended:
                return None
        return self.ended.get(pid)

    @property
    def roots(self) -> tuple[int, ...]:
        """The processes from which all others of this sandbox descend."""
        return (self.about.keeper, *([self.holder.pid] if self.holder else []))

    def strays(self) -> bool:
        """Whether a process is left that a candidate has made: a child of pid 1 inside, the loader or the keeper."""
        loader = self.about.loader
        inside = [children(loader), *([children(self.holder.pid)] if self.holder else [])]
        return any(inside) or children(self.about.keeper) != [loader]

    def printed(self, most: int) -> str:
        """Return what has been printed so far, cut short."""
        return os.pread(self.output, most, 0).decode(errors="replace")

    def close(self) -> None:
        """End everything inside, then the keeper."""
        if self.holder is not None:
            self.holder.end()
            self.holder = None
        for descriptor in (self.output, *self.folders) if hasattr(self, "output") else ():
            os.close(descriptor)
        self.control.close()
        self.wire.close()


def _terms(limits: Limits, holder: Holder | None) -> Terms:
    return Terms(
        confine=int(holder is not None),
        unprivileged=int(holder is not None and os.geteuid() == 0),
        memory=limits.memory,
        cpu_seconds=limits.cpu_seconds,
        processes=limits.processes,
        open_files=limits.open_files,
        file_size=limits.disk,
        frame=limits.reply,
    )
