"""Has a process of its own read what is large, within bounds of memory and time.

The kernel keeps the bounds. None can be told from the input: what a parser takes is not always in proportion to it.
"""

from __future__ import annotations

import resource
import subprocess
import sys

from grader.intake import limits

MEMORY = 1536 * 1024 * 1024  # bytes of address space: half a megabyte of plain code takes 560 MB
SECONDS = 6  # of processor time: the slowest plain code takes 1.7
PATIENCE = 60.0  # seconds, where the machine is busy


class Exceeded(Exception):
    """The process took more than it may. The message follows a name: "takes more than …"."""

    def __init__(self) -> None:
        super().__init__(f"takes more than {SECONDS} s or {limits.size(MEMORY)} to read")


def ask(task: str, data: bytes, name: str = "") -> bytes:
    """Return what a task of `grader.intake.apart` makes of some bytes, which the student calls `name`.

    Raises:
        Exceeded: if that takes more memory or time than it may.
    """
    command = [sys.executable, "-I", "-m", "grader.intake.apart", str(MEMORY), str(SECONDS), task, name]
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"},
            timeout=PATIENCE,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise Exceeded from None
    return done.stdout


def hold(memory: int, seconds: int) -> None:
    """Set the bounds of this process. It cannot raise them again."""
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(kind, (most, most))
