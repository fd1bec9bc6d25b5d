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
WITHOUT_WALLS = b"grader.candidate.zygote"  # its forks keep its command line; a sandbox ends its own


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
    """End the children that this process did not start itself: `own` were there before."""
    until = time.monotonic() + END_SECONDS
    while (adopted := _adopted(own)) and time.monotonic() < until:
        for pid in adopted:
            _end(pid)
        time.sleep(0.005)


def _adopted(own: set[int]) -> set[int]:
    """Return the new children of another process group. What a plugin starts meanwhile is of ours."""
    found = set()
    for pid in set(children(os.getpid())) - own:
        with suppress(ProcessLookupError):
            if os.getpgid(pid) != os.getpgrp():
                found.add(pid)
    return found


def _end(pid: int) -> None:
    with suppress(OSError):
        if WITHOUT_WALLS in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG)
