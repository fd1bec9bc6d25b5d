"""Whether some processes have come to rest, so that they will not go on by themselves."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

LOOK_EVERY = 0.04
FIRST_SECONDS = 1.0
AT_MOST = 0.03  # of a processor: gloo's own threads wake now and then
AWAKE = 0.25  # of the looks
LEAST = 10  # looks: with fewer, this process itself has not run much
SLEEPING = {"S", "Z", "X", "I"}
TICK = 1 / os.sysconf("SC_CLK_TCK")


class Look(NamedTuple):
    """What was seen of the processes at one moment."""

    at: float
    cpu_seconds: float
    awake: bool


class Idleness:
    """Looks at them again and again. Once it has said yes, it takes twice as long until it says so again."""

    def __init__(self) -> None:
        self.pids: Sequence[int] = ()
        self.seconds = FIRST_SECONDS
        self.looks: deque[Look] = deque()

    def of(self, pids: Sequence[int]) -> bool:
        """Whether these processes have slept for a while, or as good as slept. To be asked often."""
        if pids != self.pids:
            self.pids, self.seconds = pids, FIRST_SECONDS
            self.looks.clear()
        if self.looks and time.monotonic() < self.looks[-1].at + LOOK_EVERY:
            return False
        self.looks.append(_look(pids))
        while self.looks[-1].at - self.looks[0].at > self.seconds:
            first = self.looks.popleft()
            if self.looks[-1].at - self.looks[0].at <= self.seconds:
                return self._rested(first)
        return False

    def _rested(self, first: Look) -> bool:
        used = self.looks[-1].cpu_seconds - first.cpu_seconds
        awake = sum(look.awake for look in self.looks)
        if len(self.looks) < LEAST:
            return False
        rested = used <= AT_MOST * self.seconds and awake <= AWAKE * len(self.looks)
        if rested:
            self.seconds *= 2
            self.looks.clear()
        return rested


def _look(pids: Sequence[int]) -> Look:
    states = [found for pid in pids for thread in _threads(pid) if (found := _state(thread)) is not None]
    return Look(time.monotonic(), sum(cpu for _, cpu in states), any(state not in SLEEPING for state, _ in states))


def _threads(pid: int) -> list[Path]:
    with suppress(OSError):
        return [task / "stat" for task in Path(f"/proc/{pid}/task").iterdir()]
    return []


def _state(stat: Path) -> tuple[str, float] | None:
    with suppress(OSError):
        fields = stat.read_text().rpartition(")")[2].split()
        return fields[0], TICK * (int(fields[11]) + int(fields[12]))
    return None


def busy(pid: int) -> bool:
    """Whether the first thread of a process is running just now."""
    state = _state(Path(f"/proc/{pid}/stat"))
    return state is not None and state[0] not in SLEEPING
