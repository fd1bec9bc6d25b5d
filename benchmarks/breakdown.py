"""Where the CPU time of `grader run` goes, by process: `python -m benchmarks breakdown`."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from msgspec import Struct
from rich.console import Console
from rich.table import Table

from benchmarks.classroom import COURSE
from benchmarks.cost import cost_of
from benchmarks.runs import SEED

TRACED = Path(__file__).with_name("traced.py")
KEEPERS = "keepers with all inside"
INSIDE = ("loaders", "candidates")


class Breakdown(Struct, frozen=True):
    """CPU seconds by role. `total` is what the command and all its descendants used, measured from outside."""

    size: int
    total: float
    start: dict[str, float]
    work: dict[str, float]
    count: dict[str, int]  # how many processes, or calls, of each role

    @property
    def unexplained(self) -> float:
        """What no role accounts for."""
        return self.total - sum(self.start.values()) - sum(self.work.values())


def breakdown(inbox: Path, scratch: Path, size: int) -> Breakdown:
    """Grade a class with every process noting what it used."""
    log = scratch / "traced.log"
    options = ["--jobs", "1", "--seed", str(SEED), "--quiet", "--db", f"sqlite:///{scratch / 'traced.sqlite'}"]
    cost = cost_of([sys.executable, TRACED, log, "main", "--course", COURSE, "run", "1", inbox, *options])
    return read(log.read_text(), size, cost.cpu)


def read(log: str, size: int, total: float) -> Breakdown:
    """Add up a log. What keepers waited for is taken from their own."""
    seconds: dict[str, float] = defaultdict(float)
    count: dict[str, int] = defaultdict(int)
    for line in log.splitlines():
        role, _, used = line.partition("\t")
        seconds[role] += float(used)
        count[role] += 1
    if KEEPERS in seconds:
        seconds["keepers"] = seconds.pop(KEEPERS) - sum(seconds[role] for role in INSIDE)
        count["keepers"] = count.pop(KEEPERS)
    start = {role.removeprefix("start: "): s for role, s in seconds.items() if role.startswith("start: ")}
    work = {role: s for role, s in seconds.items() if not role.startswith("start: ")}
    return Breakdown(size, total, start, work, count)


def show(console: Console, found: Breakdown) -> None:
    """Print both tables."""
    start = Table("at the start", "CPU s", box=None)
    for role, seconds in sorted(found.start.items(), key=lambda item: -item[1]):
        start.add_row(role, f"{seconds:.2f}")
    work = Table("a submission", "CPU ms", "of the work", "of these a submission", box=None)
    all_work = sum(found.work.values())
    for role, seconds in sorted(found.work.items(), key=lambda item: -item[1]):
        many = found.count[role] / found.size
        work.add_row(role, f"{1000 * seconds / found.size:.1f}", f"{seconds / all_work:.0%}", f"{many:.2g}")
    work.add_row("together", f"{1000 * all_work / found.size:.1f}", "", "")
    console.print(start, work)
    console.print(f"{found.unexplained:.2f} s of {found.total:.2f} are in no row")
