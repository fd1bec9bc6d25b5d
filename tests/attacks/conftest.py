"""A tiny course with tight limits, and a batch of hostile submissions graded once for all tests."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from grader.course import read_assignment
from grader.model import Loaded, Submission
from grader.referee.memory import processes
from grader.wire.linux import PR_SET_CHILD_SUBREAPER, prctl
from grader.work import Job

TINY = Path(__file__).parents[1] / "tiny"
LIMITS = """
[limits]
load_seconds = 5
call_seconds = 2
cpu_seconds = 20
memory = 314572800
disk = 134217728
"""


def tight_course(folder: Path) -> Path:
    """Copy the tiny course and tighten its limits; return its solution folder."""
    shutil.copytree(TINY, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("conftest.py", "__pycache__"))
    toml = folder / "assignments/01_tiny/assignment.toml"
    before, _, after = toml.read_text().partition("[limits]")
    toml.write_text(before + LIMITS + after[after.index("[[parts]]") :])
    return folder / "solutions/01_tiny"


def jobs(solution: Path, files: list[Path], sandbox: str) -> list[Job]:
    """Return a job for each file, keyed by its stem."""
    assignment = read_assignment(solution.parents[1] / "assignments" / solution.name, solution)
    return [
        Job(
            file.stem,
            assignment,
            Submission(file.stem, file),
            Loaded({"tiny.py": file.read_bytes()}, "tiny.py"),
            b"a secret",
            sandbox,
        )
        for file in files
    ]


@contextmanager
def nothing_left_behind() -> Iterator[None]:
    """Fail if a process that was started meanwhile is still there: orphans too, which come to this process."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    handler = signal.signal(signal.SIGCHLD, _reap)  # a sandbox does not end while one of its processes is a zombie
    before = processes([os.getpid()])
    try:
        yield
    finally:
        signal.signal(signal.SIGCHLD, handler)
        prctl(PR_SET_CHILD_SUBREAPER, 0)
    for _ in range(100):
        left = {pid: said for pid in processes([os.getpid()]) - before if (said := _command(pid))}
        if not left:
            return
        time.sleep(0.02)
    assert left == {}


def _reap(*_: object) -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def _command(pid: int) -> str:
    """Return a process's command line: nothing, if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


@pytest.fixture(scope="session")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The solution folder of a tiny course with tight limits."""
    return tight_course(tmp_path_factory.mktemp("tight"))
