"""What a command costs: CPU seconds of it and all its descendants, wall seconds, and memory while it runs."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

EVERY = 0.1  # seconds between two looks at the memory
LAST_WORDS = 2000
MB = 1 << 20


class Failed(Exception):
    """A command that did not end well, with what it wrote last."""


class Cost(Struct, frozen=True):
    """What one command used. Memory is in bytes, and 0 where it was not watched."""

    cpu: float
    seconds: float
    main: int = 0  # the command's own process, at its peak
    all: int = 0  # it and its descendants, shared pages shared out among them, at the peak of the sum


def cost_of(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    watch: bool = False,
) -> Cost:
    """Run a command to its end and return what it used.

    Raises:
        Failed: if its exit status is not 0.
    """
    before, clock = _waited_for(), time.monotonic()
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    memory = Memory(process.pid) if watch else None
    output, _ = process.communicate()
    seconds, cpu = time.monotonic() - clock, _waited_for() - before
    if process.returncode:
        raise Failed(f"{command[0]} ended with {process.returncode}:\n{output.decode(errors='replace')[-LAST_WORDS:]}")
    return Cost(cpu, seconds, memory.main if memory else 0, memory.all if memory else 0)


def _waited_for() -> float:
    """CPU seconds of all that this process has waited for, and that they had waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Memory:
    """The memory of a process and its descendants, looked at until the process ends."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.main = 0
        self.all = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        with suppress(OSError):
            while peak := _kilobytes(f"/proc/{self.pid}/status", "VmHWM:"):
                self.main = peak * 1024
                self.all = max(self.all, sum(_share(pid) for pid in family(self.pid)))
                time.sleep(EVERY)


def family(pid: int) -> list[int]:
    """Return a process and its descendants."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        with suppress(OSError):
            for task in Path(f"/proc/{found[-1]}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return found


def _share(pid: int) -> int:
    """A process's memory, with each shared page divided among those who share it."""
    with suppress(OSError):
        return _kilobytes(f"/proc/{pid}/smaps_rollup", "Pss:") * 1024
    return 0


def _kilobytes(path: str, name: str) -> int:
    with Path(path).open() as file:
        return next((int(line.split()[1]) for line in file if line.startswith(name)), 0)
