"""What the diagnosis costs: assignment 3's sample class, graded with and without it, in turns."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

from msgspec import Struct
from rich.console import Console
from rich.table import Table

from benchmarks.classroom import HERE
from benchmarks.runs import GRADER, Run, grader

ROOT = HERE.parent
CLASS = ROOT / "examples" / "submissions" / "03_stochastic_approximation"
STUB = CLASS / "fatima.py"  # nothing of it is judged to the end: what a run costs before its second submission
WITHOUT = (Path(sys.executable), HERE / "undiagnosed.py", "main")


class Diagnosed(Struct, frozen=True):
    """A list has one run a round. `start` is of one stub."""

    start: list[Run]
    without: list[Run]
    whole: list[Run]

    @property
    def same(self) -> bool:
        """Whether every student got the same points."""
        return len({tuple(sorted(run.scores.items())) for run in (*self.without, *self.whole)}) == 1

    def cpu(self, runs: list[Run]) -> list[float]:
        """CPU seconds of one more submission, a round each."""
        rounds = zip(runs, self.start, strict=True)
        return [(run.cost.cpu - start.cost.cpu) / (run.size - start.size) for run, start in rounds]

    @property
    def ratio(self) -> float:
        """What a submission with the diagnosis costs, in submissions without it."""
        pairs = zip(self.cpu(self.whole), self.cpu(self.without), strict=True)
        return median(whole / without for whole, without in pairs)


def measure(folder: Path, rounds: int, inbox: Path = CLASS, stub: Path = STUB) -> Diagnosed:
    """Grade the class with and without, in turns, so that a disturbance does not hit one kind only."""
    measured = Diagnosed([], [], [])
    for _ in range(rounds):
        for runs, what, program in (
            (measured.start, stub, (GRADER,)),
            (measured.without, inbox, WITHOUT),
            (measured.whole, inbox, (GRADER,)),
        ):
            runs.append(grader(what, folder, jobs=1, program=program, course=ROOT, assignment="3"))
    return measured


def show(console: Console, measured: Diagnosed) -> None:
    """Print the table and the ratio."""
    table = Table("a submission", "CPU s", "CPU s in each round", box=None)
    for name, runs in (("without the diagnosis", measured.without), ("with it", measured.whole)):
        rounds = measured.cpu(runs)
        table.add_row(name, f"{median(rounds):.3f}", " ".join(f"{seconds:.3f}" for seconds in rounds))
    console.print(table)
    console.print(f"with the diagnosis, grading takes {measured.ratio:.2f} times the CPU")
    if not measured.same:
        console.print("the runs gave different points", style="bold red")
