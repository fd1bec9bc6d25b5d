"""Ends what a process has started."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def end_children() -> None:
    """Kill the children of this process, and theirs as they come to it, until none is left."""
    for _ in range(100):
        children: list[int] = []
        with suppress(OSError):
            children = [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
        if not children:
            return
        for pid in children:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
