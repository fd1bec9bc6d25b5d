"""`python -m benchmarks`: measure, print the table and the targets, and keep the figures in benchmarks/results/."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import msgspec
from rich.console import Console

from benchmarks import breakdown, diagnosis, peers, ranks, soak
from benchmarks.classroom import HERE, hand_in, students
from benchmarks.crowd import drawn
from benchmarks.report import Measured, show
from benchmarks.runs import Run, bare, grader

RESULTS = HERE / "results" / "latest.json"
SOAKED = HERE / "results" / "soak.json"
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def main() -> None:
    """Measure. The exit status is 0 whether or not a target is met; of a soak it is 1 if something leaked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "mode", nargs="?", choices=["compare", "breakdown", "diagnosis", "soak", "ranks"], default="compare"
    )
    parser.add_argument("--quick", action="store_true", help="small classes and one round: a look, not a measurement")
    parser.add_argument("--no-peers", action="store_true", help="leave nbgrader and otter out")
    parser.add_argument("--rounds", type=int, help="how often the grader and the bare work are measured, in turns")
    asked = parser.parse_args()
    two_cores()
    if asked.mode == "breakdown":
        break_down(8 if asked.quick else 40)
        return
    if asked.mode == "diagnosis":
        weigh_diagnosis(1 if asked.quick else asked.rounds or 3)
        return
    if asked.mode == "ranks":
        ranks.show(console, ranks.measure(2 if asked.quick else asked.rounds or 15))
        return
    if asked.mode == "soak":
        sys.exit(leaks(*(6, 10) if asked.quick else (100, 25)))
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as folder:
        measured = measure(Path(folder), quick=asked.quick, with_peers=not asked.no_peers, rounds=asked.rounds)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(measured), indent=1))
    show(console, measured)


def two_cores() -> None:
    """Keep this process and all its descendants to two cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])


def measure(folder: Path, *, quick: bool, with_peers: bool, rounds: int | None) -> Measured:
    """Run everything. Runs of different kinds take turns, so that a disturbance does not hit one kind only."""
    few, many, smaller, bigger, some = (8, 16, 16, 48, 2) if quick else (8, 40, 50, 200, 5)
    inbox = {size: hand_in(folder / f"class-{size}", size) for size in {few, many, smaller, bigger}}
    kinds: dict[str, list[Run]] = {}
    for number in range(rounds or (1 if quick else 3)):
        console.print(f"round {number + 1}: the grader and the bare work, {many} submissions")
        kinds.setdefault("grader", []).append(grader(inbox[many], folder, jobs=1))
        kinds.setdefault("fork", []).append(bare(inbox[many], folder))
        kinds.setdefault("few", []).append(grader(inbox[few], folder, jobs=1))
        kinds.setdefault("huge_pages", []).append(bare(inbox[many], folder, "--huge-pages"))
        kinds.setdefault("two_jobs", []).append(grader(inbox[many], folder, jobs=2))
        kinds.setdefault("no_fork", []).append(bare(inbox[many], folder, "--no-fork"))
    console.print(f"classes of {smaller} and {bigger}, with their memory")
    watched = [grader(inbox[size], folder, jobs=2, watch=True) for size in (smaller, bigger)]
    measured = Measured(machine(), **kinds, smaller=watched[0], bigger=watched[1])
    if with_peers:
        measured = msgspec.structs.replace(measured, **measure_peers(folder, many, some))
    compare_scores(measured)
    return measured


def break_down(size: int) -> None:
    """Say where the grader's own CPU time goes."""
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as folder:
        inbox = hand_in(Path(folder, "class"), size)
        breakdown.show(console, breakdown.breakdown(inbox, Path(folder), size))


def weigh_diagnosis(rounds: int) -> None:
    """Say what the diagnosis costs."""
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as folder:
        diagnosis.show(console, diagnosis.measure(Path(folder), rounds))


def measure_peers(folder: Path, many: int, some: int) -> dict[str, Run]:
    """Measure nbgrader over the class in one run, and otter, which grades one at a time, on a part of it."""
    console.print("the peers are made ready")
    peers.install()
    console.print(f"nbgrader, {many} submissions")
    nbgrader = peers.nbgrader(folder / "nbgrader", many)
    console.print(f"otter, {some} of them")
    return {"nbgrader": nbgrader, "otter": peers.otter(folder / "otter", some)}


def leaks(tens: int, every: int) -> bool:
    """Grade so many times ten submissions in one run, and say whether anything is wrong afterwards."""
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as folder:
        soaked = soak.soak(Path(folder), drawn(tens), every)
    SOAKED.parent.mkdir(exist_ok=True)
    SOAKED.write_bytes(msgspec.json.format(msgspec.json.encode(soaked), indent=1))
    soak.show(console, soaked)
    return bool(soaked.problems)


def compare_scores(measured: Measured) -> None:
    """Say whether all graders gave every student the points that the student's kind must get."""
    lists = [measured.grader, measured.few, measured.two_jobs, measured.fork, measured.huge_pages, measured.no_fork]
    runs = [*(run for runs in lists for run in runs), measured.smaller, measured.bigger, *measured.peers.values()]
    wrong = [run for run in runs if run.scores != expected(run.size)]
    said = f"{len(wrong)} of {len(runs)} runs gave other points than they must" if wrong else "all gave the same points"
    console.print(said, style="bold red" if wrong else "")


def expected(size: int) -> dict[str, float]:
    """Return the points of a class."""
    return {student.name: student.kind.points for student in students(size)}


def machine() -> dict[str, str]:
    """Describe what was measured on, and with which versions."""
    models = [line.partition(":")[2].strip() for line in cpuinfo() if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "user": "root" if os.geteuid() == 0 else "an ordinary user",
        **{name: version(name) for name in ("torch", "numpy", "pytest")},
        **dict(line.split("==") for line in peers.PINS.read_text().splitlines() if "==" in line),
    }


def cpuinfo() -> list[str]:
    """Return the lines of /proc/cpuinfo."""
    return Path("/proc/cpuinfo").read_text().splitlines()


if __name__ == "__main__":
    main()
