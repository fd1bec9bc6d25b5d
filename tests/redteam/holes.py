"""An executor whose walls have the hole that BREACH names, for a raid to find. It runs nothing of what is handed in.

earns      an attack passes every check
ours       an attack breaks our side
leaks      what an attack prints has the first canary of the solution in it
whispers   the same in what only the instructor reads
process    a process stays behind
file       a file with an attack's mark stays behind
spoils     the honest work after an attack fails
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader.hookspecs import hookimpl
from grader.model import Assignment, CheckResult, Loaded, Outcome, Part, Status, Submission
from grader.redteam.dress import MARK
from grader.work import Job, Sandbox, Verdict


def hole() -> str:
    """Return the name of the breach; "" for walls that hold."""
    return os.environ.get("BREACH", "")


@hookimpl
def grader_discover(assignment: Assignment, path: Path) -> Sequence[Submission]:
    return [Submission(file.stem, file) for file in sorted(path.iterdir())]


@hookimpl
def grader_load(assignment: Assignment, path: Path) -> Loaded:
    return Loaded({"tiny.py": path.read_bytes()}, "tiny.py")


@hookimpl
def grader_sandbox(name: str) -> Sandbox | None:
    return Sandbox(name, confined=True) if name == "bwrap" else None


@hookimpl
def grader_execute(jobs: Iterable[Job], workers: int) -> Iterator[Verdict]:
    for job in jobs:
        name = job.submission.student[5:]
        if name in ("honest", "neighbour"):
            yield graded(job, right=name == "neighbour" and hole() != "spoils")
        else:
            leave_behind()
            yield attacked(job)


def leave_behind() -> None:
    """Start a process in a session of its own, or write a file."""
    if hole() == "process":
        subprocess.run(["sh", "-c", "sleep 60 &"], check=True, start_new_session=True)
    if hole() == "file":
        tempfile.NamedTemporaryFile(prefix=MARK, delete=False).close()


def attacked(job: Job) -> Verdict:
    """Say what an attack earns."""
    if hole() == "ours":
        return Verdict(job.key, Status.UNFINISHED, reason="the sandbox did not start")
    assert job.assignment.solution is not None
    (canary,) = re.findall("CANARY-[0-9a-f]{32}", (job.assignment.solution / "tiny.py").read_text())
    printed = canary if hole() == "leaks" else ""
    return graded(job, right=hole() == "earns", output=printed, detail=canary if hole() == "whispers" else "")


def graded(job: Job, *, right: bool, output: str = "", detail: str = "") -> Verdict:
    """Give one check of each part."""
    checks = tuple(checked(part, right, detail) for part in job.assignment.parts)
    return Verdict(job.key, Status.GRADED, checks, output=output)


def checked(part: Part, right: bool, detail: str) -> CheckResult:
    """Say how a check ended that is all of a part."""
    outcome, earned = (Outcome.PASSED, part.points) if right else (Outcome.FAILED, 0.0)
    return CheckResult(part.id, part.id, f"All of {part.id}.", part.points, earned, outcome, detail=detail)
