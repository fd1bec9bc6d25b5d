"""A `grader run` as a process of its own, whose parts a test finds in /proc and kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from grader.referee.memory import children, processes

GRADER = str(Path(sys.executable).with_name("grader"))
ENTERED_SECONDS = 0.2
PATIENCE = 100.0  # seconds until something that has to come is given up


def command_line(pid: int) -> str:
    """Return what a process executes; nothing, where it has just ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def living(pids: set[int]) -> dict[int, str]:
    """Return those of the processes that have not ended, with what they execute; a zombie has ended."""
    found = {}
    for pid in pids:
        with suppress(OSError):
            if "State:\tZ" not in Path(f"/proc/{pid}/status").read_text():
                found[pid] = command_line(pid)
    return found


class Running:
    """A run that was started just now."""

    def __init__(self, *arguments: str, prefix: tuple[str, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [*prefix, GRADER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.seen: set[int] = set()
        self.began: dict[int, float] = {}  # when keepers were first seen with a loader

    # ---- its parts -------------------------------------------------------------------------------------------------

    def zygotes(self) -> list[int]:
        return self._children_named(self.process.pid, "grader.candidate.zygote")

    def servers(self) -> list[int]:
        return self._children_named(self.process.pid, "grader.referee.server")

    def referees(self) -> list[int]:
        return [pid for server in self.servers() for pid in self._children_named(server, "grader.referee.server")]

    def bubblewraps(self) -> list[int]:
        return [pid for referee in self.referees() for pid in self._children_named(referee, "--unshare-all")]

    def holders(self) -> list[int]:
        """Pid 1 of each sandbox, once it executes something else than bubblewrap."""
        inside = [pid for bubblewrap in self.bubblewraps() for pid in self._children_named(bubblewrap, "")]
        return [pid for pid in inside if "--unshare-all" not in command_line(pid)]

    def keepers(self) -> list[int]:
        return [pid for zygote in self.zygotes() for pid in children(zygote)]

    def importing(self) -> list[int]:
        """The keepers whose loader has no sibling yet, and has had time to begin with the import of a module."""
        now = time.monotonic()
        alone = [keeper for keeper in self.keepers() if len(children(keeper)) == 1]
        return [keeper for keeper in alone if now - self.began.setdefault(keeper, now) > ENTERED_SECONDS]

    def answering(self) -> list[int]:
        """The keepers with a candidate beside the loader."""
        return [keeper for keeper in self.keepers() if len(children(keeper)) == 2]

    def _children_named(self, pid: int, name: str) -> list[int]:
        self.seen |= processes([self.process.pid]) - {self.process.pid}
        return [child for child in children(pid) if name in command_line(child)]

    # ---- what is done to it ----------------------------------------------------------------------------------------

    def wait_for(self, parts: Callable[[], list[int]], *, other_than: set[int] = frozenset()) -> int:  # type: ignore[assignment]
        """Wait until there is such a process, and return it."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            if found := [pid for pid in parts() if pid not in other_than]:
                return found[0]
            time.sleep(0.002)
        raise AssertionError(f"there is no process of this kind: {self.finish()}")

    def kill_whole(self) -> None:
        """Kill -9 the run and all that it has started, at once."""
        for pid in processes([self.process.pid]):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def finish(self) -> subprocess.CompletedProcess[str]:
        """Wait for its end."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess([], self.process.returncode, out, err)

    def left(self) -> dict[int, str]:
        """Return what is still there of it, when all has had time to end."""
        until = time.monotonic() + 20
        while (left := living(self.seen)) and time.monotonic() < until:
            time.sleep(0.02)
        return left
