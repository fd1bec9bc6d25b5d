"""What a killed process leaves behind comes to this one, and is ended here.

A sandbox does not end before all of its processes are reaped, and the first process of a container may reap nobody.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from grader.referee.memory import children
from grader.wire.linux import PR_SET_CHILD_SUBREAPER, check, libc, prctl

PR_GET_CHILD_SUBREAPER = 37
END_SECONDS = 5.0
ZYGOTE = b"grader.candidate.zygote"  # its forks keep its command line; without walls it is all that tells them


@contextmanager
def adopting() -> Iterator[None]:
    """Be the parent of what descendants leave behind, meanwhile."""
    before = ctypes.c_int()
    check(libc.prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(before)), "prctl")
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, before.value)


def end_adopted(own: set[int]) -> None:
    """End what was left to this process: not its `own` children of before, nor what a plugin starts meanwhile."""
    until = time.monotonic() + END_SECONDS
    while (adopted := _adopted(own)) and time.monotonic() < until:
        for pid in adopted:
            if _of_a_sandbox(pid):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG)
        time.sleep(0.005)


def _adopted(own: set[int]) -> set[int]:
    """Return the new children of another process group. What a plugin starts meanwhile is of ours."""
    found = set()
    for pid in set(children(os.getpid())) - own:
        with suppress(ProcessLookupError):
            if os.getpgid(pid) != os.getpgrp():
                found.add(pid)
    return found


def _of_a_sandbox(pid: int) -> bool:
    """Tell whether it is in a pid namespace of its own, or a fork of a zygote.

    Whatever else is left, such as bubblewrap that is still building, ends by itself.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        command_line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    names = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
    return len(names) > 1 or ZYGOTE in command_line
