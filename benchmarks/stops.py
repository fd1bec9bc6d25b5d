"""Runs a command that stops itself now and then, and looks at it each time when it has come to rest."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks import pause
from benchmarks.look import Look, look
from grader.referee.memory import processes
from grader.wire.linux import PR_SET_CHILD_SUBREAPER, prctl

LONG_LIVED = 3  # main process, warm referee, zygote: all that is there at rest
PATIENCE_SECONDS = 30.0  # a submission may use 20


@contextmanager
def adopting() -> Iterator[set[int]]:
    """Have orphans come to this process, where they are counted; yield the processes that are there before."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield processes([os.getpid()])
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0)


def stops(command: Sequence[str], temporary: Path, book: Path, every: int, before: set[int]) -> Iterator[Look]:
    """Run a command that stops itself, and look each time when it has come to rest.

    Raises:
        CalledProcessError: if its exit status is not 0.
    """
    environment = {**os.environ, pause.VARIABLE: str(every), "TMPDIR": str(temporary)}
    main = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        for number, _ in enumerate(_stopped(main), 1):
            yield look(number * every, main.pid, at_rest(before), temporary, book)
            main.send_signal(signal.SIGCONT)
    finally:
        main.kill()  # does nothing to one that has ended
    if main.returncode:
        raise subprocess.CalledProcessError(main.returncode, command)


def _stopped(main: subprocess.Popen[bytes]) -> Iterator[None]:
    """Yield whenever it has stopped itself, until it ends. Orphans are waited for too, as init would."""
    while main.returncode is None:
        pid, status = os.waitpid(-1, os.WUNTRACED)
        if pid == main.pid and os.WIFSTOPPED(status):
            yield
        elif pid == main.pid:
            main.returncode = os.waitstatus_to_exitcode(status)


def at_rest(before: set[int], most: int = LONG_LIVED) -> set[int]:
    """Wait until no more than `most` new processes are there, and return them; what never ends is among them."""
    until = time.monotonic() + PATIENCE_SECONDS
    while len(found := processes([os.getpid()]) - before) > most and time.monotonic() < until:
        with suppress(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        time.sleep(0.01)
    return found
