"""Enters a sandbox through the zygote, and hears from the keeper how its processes ended."""

from __future__ import annotations

import os
import select
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from grader.errors import SandboxUnavailable
from grader.model import Limits
from grader.referee.memory import children
from grader.wire.entry import CALL, ENDED, ENTERED, TERMS, Ended, Entered, Terms
from grader.wire.linux import allow_many_descriptors

ENTRY_SECONDS = 20.0
MESSAGE = 512
MOST_HEARD = 1000  # at a time: student code can have children of the keeper end as fast as we hear of it
MOST_KEPT = 4000
PENDING = ("SigPnd", "ShdPnd")  # signals, in a process's status
NONE_PENDING = "0" * 16


class Holder(Protocol):
    """A started sandbox, as its plugin gives it."""

    pid: int
    pidfd: int

    def end(self) -> None:
        """Kill all that is inside."""


class Entry:
    """An entered sandbox: its keeper's control socket, the loader's wire, and what can be seen of it from outside."""

    def __init__(self, zygote: socket.socket, limits: Limits, holder: Holder | None, *, devices: bool = False) -> None:
        self.holder = holder
        allow_many_descriptors()
        self.control, control_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.wire, wire_end = socket.socketpair()
        descriptors = [control_end.fileno(), wire_end.fileno(), *([holder.pidfd] if holder else [])]
        with suppress(OSError):  # a zygote that has ended: nobody will answer
            socket.send_fds(zygote, [TERMS.pack(*_terms(limits, holder, devices))], descriptors)
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
        """Take in which children of the keeper have ended; never blocks, and never takes long."""
        for _ in range(MOST_HEARD):
            if not select.select([self.control], [], [], 0)[0]:
                return
            try:
                data = self.control.recv(MESSAGE)
            except ConnectionResetError:
                data = b""
            if not data:
                self.lost = True
                self.ended[self.about.loader] = Ended(self.about.loader, 9, 0.0, 0)
                return
            if len(data) == ENDED.size:
                self._keep(Ended._make(ENDED.unpack(data)))

    def _keep(self, ended: Ended) -> None:
        """Remember an end; of too many forget the oldest, but never the loader's."""
        self.ended[ended.pid] = ended
        if len(self.ended) > MOST_KEPT:
            del self.ended[next(pid for pid in self.ended if pid != self.about.loader)]

    @property
    def gone(self) -> bool:
        """Whether the loader has ended, so that no more calls can be made."""
        self.hear()
        return self.about.loader in self.ended

    @property
    def stopped(self) -> bool:
        """Whether a candidate has stopped the loader, or is about to, so that no more calls would be answered."""
        try:
            status = Path(f"/proc/{self.about.loader}/status").read_text()
        except OSError:
            return False
        return "\nState:\tT" in status or any(f"\n{name}:\t{NONE_PENDING}\n" not in status for name in PENDING)

    def fork(self, call: socket.socket) -> None:
        """Have the loader fork a candidate that answers on this socket."""
        socket.send_fds(self.wire, [CALL], [call.fileno()])

    def kill(self, pid: int) -> None:
        """Have the keeper kill one of its children."""
        self.control.send(str(pid).encode())

    def has_child(self, pid: int) -> bool:
        """Whether this is a process that the loader has forked, and not one that a candidate has made."""
        return pid in children(self.about.keeper)

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

    def strays(self, candidate: int | None = None) -> bool:
        """Whether a process is left that a candidate has made: a child of the keeper, the loader or pid 1 inside.

        `candidate` is one that may be there, without children. Looked at in the order in which a process can move.
        """
        loader = self.about.loader
        if set(children(self.about.keeper)) - {candidate} != {loader}:
            return True
        inside = (loader, candidate, self.holder.pid if self.holder else None)
        return any(children(pid) for pid in inside if pid is not None)

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


def _terms(limits: Limits, holder: Holder | None, devices: bool) -> Terms:
    return Terms(
        confine=int(holder is not None),
        unprivileged=int(holder is not None and os.geteuid() == 0),
        memory=limits.memory,
        cpu_seconds=limits.cpu_seconds,
        processes=limits.processes,
        open_files=limits.open_files,
        file_size=limits.disk,
        frame=limits.reply,
        devices=int(devices),
    )
