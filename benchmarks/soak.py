"""A thousand submissions in one `grader run`, a tenth of them hostile: does anything leak? `python -m benchmarks soak`.

Every so many submissions the run is stopped (pause.py); when what was running has ended, what is there is counted and
measured. Counts must then be the same each time. Memory may grow by a bounded amount a submission: see BOUNDS. What
honest students get is compared with a run of theirs alone.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from benchmarks import pause
from benchmarks.cost import MB
from benchmarks.crowd import SEED, course, hand_in
from benchmarks.look import MAIN, Look, left_files
from benchmarks.mistakes import miscounted, mistakes
from benchmarks.runs import GRADER
from benchmarks.stops import adopting, at_rest, stops
from grader.model import Gradesheet
from grader.redteam.attack import Attack

KB = 1024
WARM = 0.2  # of the submissions, before the first look that counts: allocators and caches fill
BOUNDS = {  # KB of private memory a submission
    MAIN: 20,  # keeps each report until the end, when the gradesheet is made of them
    "warm referee": 1,  # keeps nothing of a submission
    "zygote": 1,  # is never told anything of one
}


class Soaked(Struct, frozen=True):
    """What a soak came to: looks at the run, what is wrong with its results, and what it left behind."""

    size: int
    hostile: int
    seconds: float
    looks: tuple[Look, ...]
    wrong: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def counting(self) -> tuple[Look, ...]:
        """The looks after the run was warm."""
        return tuple(look for look in self.looks if look.finished >= WARM * self.size)

    @property
    def changed(self) -> dict[str, list[int]]:
        """The counts that were not the same in every look: what leaks."""
        seen = {name: [look.counts.get(name, 0) for look in self.counting] for name in self.looks[0].counts}
        return {name: counts for name, counts in seen.items() if len(set(counts)) > 1}

    def growth(self, name: str) -> float:
        """Bytes of a process's memory a submission."""
        return slope([(look.finished, look.memory[name]) for look in self.counting])

    @property
    def grown(self) -> list[str]:
        """The processes whose memory grows by more than its bound."""
        return [name for name, bound in BOUNDS.items() if self.growth(name) > bound * KB]

    @property
    def problems(self) -> list[str]:
        """All that is wrong, a sentence each."""
        changed = (f"{name} changed: {', '.join(map(str, counts))}" for name, counts in self.changed.items())
        grown = (
            f"the memory of the {name} grows by {self.growth(name) / KB:.1f} KB a submission" for name in self.grown
        )
        return [*changed, *grown, *self.wrong, *(f"left behind: {what}" for what in self.left)]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the line that fits best by least squares; 0 for fewer than two points."""
    if len(points) < 2:
        return 0.0
    middle_x, middle_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / sum((x - middle_x) ** 2 for x, _ in points)


def soak(folder: Path, attacks: Sequence[Attack], every: int) -> Soaked:
    """Grade ten submissions for each attack, and look after `every` so many."""
    assignment = course(folder / "course")
    everyone, undisturbed = folder / "everyone", folder / "undisturbed"
    crowd = hand_in(assignment, attacks, everyone, undisturbed)
    temporary, book = folder / "temporary", folder / "gradebook.sqlite"
    temporary.mkdir()
    with adopting() as before:
        files, clock = set(left_files(temporary)), time.monotonic()
        looks = [*stops(_command(folder, everyone), temporary, book, every, before)]
        seconds = time.monotonic() - clock
        left = [f"process {pid}" for pid in at_rest(before, 0)]
    left += sorted({*left_files(temporary)} - files) + [str(p) for p in folder.glob(f"{book.name}-*")]
    subprocess.run(_command(folder, undisturbed), check=True)
    wrong = [*mistakes(crowd, sheet(everyone), sheet(undisturbed)), *miscounted(crowd, book)]
    return Soaked(crowd.size, len(crowd.hostile), seconds, tuple(looks), tuple(wrong), tuple(left))


def _command(folder: Path, inbox: Path) -> list[str]:
    """Return the command that grades a folder: everyone's goes to the gradebook that is watched."""
    book = folder / ("gradebook.sqlite" if inbox.name == "everyone" else "undisturbed.sqlite")
    plugin = ["-p", pause.__file__] if inbox.name == "everyone" else []
    options = [*plugin, "--db", str(book), "--report", f"json={inbox}.json", "--seed", str(SEED), "--quiet", "-j2"]
    return [str(GRADER), "--course", str(folder / "course"), "run", "1", str(inbox), *options]


def sheet(inbox: Path) -> Gradesheet:
    """Return the report of a folder's run."""
    return msgspec.json.decode(Path(f"{inbox}.json").read_bytes(), type=Gradesheet)


def show(console: Console, soaked: Soaked) -> None:
    """Print what was counted, how memory grew, and what is wrong."""
    first, last = soaked.counting[0], soaked.counting[-1]
    console.print(f"{soaked.size} submissions, {soaked.hostile} of them hostile, in {soaked.seconds:.0f} s; ", end="")
    console.print(f"{len(soaked.counting)} looks, after {first.finished} to {last.finished} submissions")
    table = Table("", "first look", "last look", "a submission", "at most", box=None)
    for name, bound in BOUNDS.items():
        sizes = (f"{look.memory[name] / MB:.1f} MB" for look in (first, last))
        table.add_row(f"memory of the {name}", *sizes, f"{soaked.growth(name) / KB:.2f} KB", f"{bound} KB")
    book = slope([(look.finished, look.gradebook) for look in soaked.counting])
    table.add_row("gradebook", *(f"{look.gradebook / MB:.1f} MB" for look in (first, last)), f"{book / KB:.0f} KB", "")
    for name in first.counts:
        said = "changes" if name in soaked.changed else "the same in every look"
        table.add_row(name, str(first.counts[name]), str(last.counts.get(name, 0)), said)
    console.print(table)
    for said in (*soaked.problems, "nothing leaked, and every result is right")[: len(soaked.problems) or 1]:
        console.print(said, style="bold red" if soaked.problems else "")
