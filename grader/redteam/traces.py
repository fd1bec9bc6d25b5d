"""What an attack leaves behind on this machine: processes, and files that carry its mark."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from grader.redteam.dress import MARK
from grader.referee.memory import processes
from grader.wire.linux import PR_SET_CHILD_SUBREAPER, prctl

PATIENCE_SECONDS = 2.0
DEEP_ENOUGH = 3  # levels below each folder: nobody hides a file, attacks only want it to survive


class Traces:
    """What is left, once the watch is over."""

    def __init__(self) -> None:
        self.processes: dict[int, str] = {}  # command lines
        self.files: list[Path] = []


@contextmanager
def watched(*folders: Path) -> Iterator[Traces]:
    """Note what is started meanwhile and still there at the end: orphans too, which come to this process.

    `folders` are looked through besides those where anything on this machine may leave files.
    """
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    handler = signal.signal(signal.SIGCHLD, _reap)  # a sandbox does not end while one of its processes is a zombie
    before, known = processes([os.getpid()]), set(_marked(folders))
    traces = Traces()
    try:
        yield traces
    finally:
        signal.signal(signal.SIGCHLD, handler)
        prctl(PR_SET_CHILD_SUBREAPER, 0)
        traces.processes = _left(before)
        traces.files = sorted(set(_marked(folders)) - known)


def _reap(*_: object) -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def _left(before: set[int]) -> dict[int, str]:
    """Return the new processes that do not end by themselves soon."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        left = {pid: said for pid in processes([os.getpid()]) - before if (said := _command(pid))}
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.02)


def _command(pid: int) -> str:
    """Return a process's command line, or its name while it has none: nothing, if it has ended."""
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
    return "" if rest.split()[0] in "ZX" else command or name.partition("(")[2]


def _marked(folders: tuple[Path, ...]) -> Iterator[Path]:
    places = {Path(p) for p in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm", Path.cwd(), Path.home())}
    for place in places | {Path(sys.prefix), Path(sys.base_prefix), *folders}:
        for folder, inside, files in os.walk(place):
            if len(Path(folder).parts) - len(place.parts) >= DEEP_ENOUGH:
                inside.clear()
            yield from (Path(folder, name) for name in (*inside, *files) if MARK in name)
