"""Executed in place of `grader run` and its two warm processes: the same, and each notes what it used, and for what.

`traced.py LOG main ARGUMENT ...` is `grader ARGUMENT ...`; it starts the others as `traced.py LOG MODULE FD ...`. A
line of the log is a role and CPU seconds. The grader's own files know nothing of this.
"""

from __future__ import annotations

import atexit
import os
import resource
import subprocess
import sys
from typing import Any

LOG_FILE = sys.argv[1]
LOG = os.open(LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
ROLE = sys.argv[2]


def note(role: str, seconds: float) -> None:
    """Write a line, whole."""
    os.write(LOG, f"{role}\t{seconds:.6f}\n".encode())


def used() -> float:
    """Return the CPU seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def note_start(role: str) -> None:
    """Call what has been used so far the start; the rest is noted when the process ends."""
    started, process = used(), os.getpid()
    note(f"start: {role}", started)
    atexit.register(lambda: note(role, used() - started) if os.getpid() == process else None)


def note_waited(role: str, executed: str = "") -> None:
    """Note what each process used that os.waitpid waits for from now on: as `executed` what subprocess started."""

    def waitpid(pid: int, options: int) -> tuple[int, int]:
        found, status, usage = os.wait4(pid, options)
        if found:
            by_subprocess = sys._getframe(1).f_globals["__name__"] == "subprocess"
            note(executed if by_subprocess else role, usage.ru_utime + usage.ru_stime)
        return found, status

    os.waitpid = waitpid


# ---- the three processes ---------------------------------------------------------------------------------------


def trace_main() -> None:
    """Be `grader run`. Its start ends when it starts the other two."""
    import grader_local
    from grader.cli import main

    popen, start = subprocess.Popen, grader_local._start

    def replaced(arguments: Any, *rest: Any, **options: Any) -> Any:
        if list(arguments[1:3]) == ["-I", "-m"]:
            arguments = [arguments[0], "-I", __file__, LOG_FILE, *arguments[3:]]
        return popen(arguments, *rest, **options)

    def started(*arguments: Any) -> Any:
        note_start("main process")
        return start(*arguments)

    subprocess.Popen, grader_local._start = replaced, started
    sys.argv = ["grader", *sys.argv[3:]]
    main()


def trace_zygote() -> None:
    """Be the zygote. It waits for keepers, which have waited for loaders and candidates."""
    from grader.candidate import zygote

    collapse = zygote.collapse_memory

    def warm() -> None:
        collapse()
        note_start("zygote")
        note_waited("keepers with all inside")

    zygote.collapse_memory = warm
    sys.argv = sys.argv[2:]
    zygote.main()


def trace_server() -> None:
    """Be the warm referee. Its forks note what they used, what they waited for, and what the keeper has told them."""
    from grader.referee import sandboxed, server

    say, referee = server.say, server.Server._referee

    def ready(sock: Any, message: Any) -> None:
        if isinstance(message, server.Ready):
            note_start("warm referee")
        say(sock, message)

    def work(self: Any, *arguments: Any) -> bytes:
        note_waited("reference and misconceptions", "bubblewrap")
        answer: bytes = referee(self, *arguments)
        note("referees", used())
        return answer

    server.say, server.Server._referee = ready, work
    trace_method(sandboxed.Sandboxed, "_end_call", "candidates")
    trace_method(sandboxed.Sandboxed, "close", "loaders")
    sys.argv = sys.argv[2:]
    server.main()


def trace_method(owner: Any, name: str, role: str) -> None:
    """Note by how much a method raises its object's `cpu_seconds`, apart from what is inside another such method."""
    method = getattr(owner, name)

    def traced(self: Any, *arguments: Any) -> None:
        before, inside = self.cpu_seconds, getattr(self, "_noted", 0.0)
        method(self, *arguments)
        within = getattr(self, "_noted", 0.0) - inside
        gained = self.cpu_seconds - before - within
        self._noted = inside + within + gained
        if gained:
            note(role, gained)

    setattr(owner, name, traced)


if __name__ == "__main__":
    {
        "main": trace_main,
        "grader.candidate.zygote": trace_zygote,
        "grader.referee.server": trace_server,
    }[ROLE]()
