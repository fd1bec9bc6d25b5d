"""What was measured, as a table with ratios, and which targets are met."""

from __future__ import annotations

from statistics import median

from msgspec import Struct
from rich.console import Console
from rich.table import Table

from benchmarks.cost import MB
from benchmarks.runs import Run

LESS_THAN_PEERS = 20
MORE_THAN_BARE = 4
BIG_CLASS_SECONDS = 120
BIG_CLASS = 200
GROWTH = 1.1  # of peak memory, from the smaller class to the bigger one: what a measurement scatters by


class Measured(Struct, frozen=True):
    """Everything. A list has one run a round; `few` is a class so small that start-up is most of its cost."""

    machine: dict[str, str]
    grader: list[Run]
    few: list[Run]
    two_jobs: list[Run]
    fork: list[Run]
    huge_pages: list[Run]
    no_fork: list[Run]
    smaller: Run  # with its memory watched, two jobs, as the next one
    bigger: Run
    nbgrader: Run | None = None
    otter: Run | None = None

    @property
    def cpu(self) -> float:
        """CPU seconds a submission of `grader run`, start-up included."""
        return median(run.cpu for run in self.grader)

    @property
    def started(self) -> float:
        """CPU seconds of one more submission: what is left when a small class's run is taken from the class's."""
        rounds = zip(self.grader, self.few, strict=True)
        return median((run.cost.cpu - few.cost.cpu) / (run.size - few.size) for run, few in rounds)

    @property
    def peers(self) -> dict[str, Run]:
        """The peers that were measured."""
        found = {"nbgrader autograde": self.nbgrader, "otter run": self.otter}
        return {name: run for name, run in found.items() if run is not None}


class Target(Struct, frozen=True):
    """One thing that was to be reached: at most `bound`, or with `least` at least that, in `unit`."""

    what: str
    value: float
    bound: float
    unit: str
    least: bool = False

    @property
    def met(self) -> bool:
        """Whether it was."""
        return self.value >= self.bound if self.least else self.value <= self.bound

    def __str__(self) -> str:
        bound = f"{'at least' if self.least else 'at most'} {self.bound:g}{self.unit}"
        short = self.bound / self.value if self.least else self.value / self.bound
        said = "met" if self.met else f"MISSED by a factor of {short:.2f}"
        return f"{self.what}: {self.value:.3g}{self.unit} ({bound}): {said}"


def targets(measured: Measured) -> list[Target]:
    """Return the targets with what was measured for them."""
    found = []
    if measured.peers:
        name, peer = min(measured.peers.items(), key=lambda item: item[1].cpu)
        less = peer.cpu / measured.cpu
        found.append(Target(f"less CPU than {name}, start-up included", less, LESS_THAN_PEERS, "x", least=True))
    bare = median(run.cpu for run in measured.fork)
    more = measured.started / bare
    found.append(Target("CPU of the bare work, both warm", more, MORE_THAN_BARE, "x"))
    big = measured.bigger
    allowed = BIG_CLASS_SECONDS * big.size / BIG_CLASS
    found.append(Target(f"a class of {big.size} on two cores", big.cost.seconds, allowed, " s"))
    sizes = f"from {measured.smaller.size} to {big.size} submissions"
    for what, smaller, bigger in (
        ("the main process's peak memory", measured.smaller.cost.main, big.cost.main),
        ("the peak memory of all processes", measured.smaller.cost.all, big.cost.all),
    ):
        if smaller:
            found.append(Target(f"{what} {sizes}", bigger / smaller, GROWTH, "x"))
    return found


def show(console: Console, measured: Measured) -> None:
    """Print the table and the targets."""
    bare = median(run.cpu for run in measured.fork)
    table = Table("", "submissions", "CPU s each", "wall s each", "of the bare work", "CPU s in each round", box=None)
    for name, run in measured.peers.items():
        _row(table, name, [run], bare)
    _row(table, "grader run --jobs 1", measured.grader, bare)
    _row(table, "grader run --jobs 2", measured.two_jobs, bare)
    table.add_row("grader run, one more", "", f"{measured.started:.3f}", "", f"{measured.started / bare:.1f}x")
    _row(table, "bare work, a fork each", measured.fork, bare)
    _row(table, "the same, huge pages", measured.huge_pages, bare)
    _row(table, "the same, no forks", measured.no_fork, bare)
    console.print(table)
    for run in (measured.smaller, measured.bigger):
        memory = f"{run.cost.main / MB:.0f} MB main process, {run.cost.all / MB:.0f} MB all processes, at their peaks"
        console.print(f"a class of {run.size}: {run.cost.seconds:.1f} s on two cores; {memory}")
    for target in targets(measured):
        console.print(str(target), style="" if target.met else "bold red")


def _row(table: Table, name: str, runs: list[Run], bare: float) -> None:
    cpu, seconds = median(run.cpu for run in runs), median(run.seconds for run in runs)
    rounds = " ".join(f"{run.cpu:.3f}" for run in runs)
    table.add_row(name, str(runs[0].size), f"{cpu:.3f}", f"{seconds:.3f}", f"{cpu / bare:.1f}x", rounds)
