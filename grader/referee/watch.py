"""Notices that a sandbox was killed from outside: then no word about its student is believed.

Nothing inside can kill pid 1 of its own namespace, nor the keeper, which has no name there. The kernel can, when the
host runs out of memory, and a person can.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence
from pathlib import Path

from grader.errors import SandboxUnavailable
from grader.model import Limits, Status
from grader.referee.entry import Entry, Holder
from grader.work import Device, Verdict

EXITING = 0x4  # the kernel's PF_EXITING
FLAGS = 6  # the place of a process's flags in /proc/PID/stat, behind its name
KILLED = "its sandbox was killed from outside: by the kernel, if the host ran out of memory, or by hand"


class Watch:
    """Makes the sandboxes of one submission, and tells whether each lived until its referee ended it."""

    def __init__(self, hold: Callable[..., Holder] | None, enter: Callable[..., Entry]) -> None:
        self._hold = hold
        self._enter = enter
        self._holders: list[Watched] = []
        self._entries: list[Entry] = []

    def __call__(self, limits: Limits, devices: Sequence[Device] = ()) -> Entry:
        """Start a sandbox, with these GPUs and no others, and enter it.

        Raises:
            SandboxUnavailable: if one of this submission was killed before: the rest would be in vain.
        """
        if self._lost:
            raise SandboxUnavailable(KILLED)
        holder = None
        if self._hold is not None:
            holder = Watched(self._hold(limits, devices) if devices else self._hold(limits))
            self._holders.append(holder)
        entry = self._enter(limits, holder, devices=True) if devices else self._enter(limits, holder)
        self._entries.append(entry)
        return entry

    def believed(self, verdict: Verdict) -> Verdict:
        """Return the verdict, or an unfinished one if a sandbox did not live until its end."""
        if not self._lost or verdict.status is Status.UNFINISHED:
            return verdict
        return Verdict(verdict.key, Status.UNFINISHED, reason=KILLED, seconds=verdict.seconds)

    @property
    def _lost(self) -> bool:
        return any(holder.killed for holder in self._holders) or any(entry.lost for entry in self._entries)


class Watched:
    """A holder that notes whether it was already ending when it was to be ended."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self.pid = holder.pid
        self.pidfd = holder.pidfd
        self.killed = False

    def end(self) -> None:
        """Kill all that is inside."""
        self.killed = ending(self.pid, self.pidfd)
        self._holder.end()


def ending(pid: int, pidfd: int) -> bool:
    """Tell whether a process has ended or begun to.

    Pid 1 of a namespace takes all others with it before it is gone, so their ends are seen first; its flags come
    before both.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return True
    gone = bool(select.select([pidfd], [], [], 0)[0])  # then the number may be another's by now
    return gone or bool(int(fields[FLAGS]) & EXITING)
