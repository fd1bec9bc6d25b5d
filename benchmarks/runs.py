"""The runs that are measured, each a separate command: `grader run` and the bare work."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from benchmarks.classroom import COURSE
from benchmarks.cost import Cost, cost_of

GRADER = Path(sys.executable).parent / "grader"
SEED = 7  # without one, the course would be given a secret


class Run(Struct, frozen=True):
    """What grading a class cost, and every student's points."""

    size: int
    cost: Cost
    scores: dict[str, float]

    @property
    def cpu(self) -> float:
        """CPU seconds a submission, start-up included."""
        return self.cost.cpu / self.size

    @property
    def seconds(self) -> float:
        """Wall seconds a submission, start-up included."""
        return self.cost.seconds / self.size


def grader(
    inbox: Path,
    scratch: Path,
    *,
    jobs: int,
    watch: bool = False,
    program: Sequence[str | Path] = (GRADER,),
    course: Path = COURSE,
    assignment: str = "1",
) -> Run:
    """Grade a folder of submissions with `grader run`, anew."""
    database, report = scratch / "gradebook.sqlite", scratch / "report.json"
    database.unlink(missing_ok=True)
    asked = [
        *program,
        "--course",
        course,
        "run",
        assignment,
        inbox,
        "--jobs",
        str(jobs),
        "--seed",
        str(SEED),
        "--quiet",
    ]
    cost = cost_of([*asked, "--db", f"sqlite:///{database}", "--report", f"json={report}"], watch=watch)
    scores = {one["student"]: one["earned"] for one in json.loads(report.read_bytes())["submissions"]}
    return Run(len(scores), cost, scores)


def bare(inbox: Path, scratch: Path, *options: str) -> Run:
    """Do the bare work on a folder of notebooks. Its own warm-up is not counted."""
    answer = scratch / "bare.json"
    cost_of([sys.executable, "-W", "ignore", "-m", "benchmarks.bare", *options, inbox, answer])
    work = json.loads(answer.read_bytes())
    return Run(len(work["scores"]), Cost(work["cpu"], work["seconds"]), work["scores"])
