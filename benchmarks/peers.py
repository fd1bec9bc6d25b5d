"""nbgrader and otter, installed into a venv of the benchmark's own and given the same checks and the same class."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.classroom import HERE, MODULE, SOLUTION, hand_in
from benchmarks.cost import Cost, cost_of
from benchmarks.runs import Run

VENV = HERE / ".venv-peers"
PINS = HERE / "peers.txt"
ENVIRONMENT = {"PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}", "OMP_NUM_THREADS": "1"}
SUPPORT = ("plain.py", "probes.py")
CELL = "import plain\nplain.check({name!r}, globals())"
HIDDEN = "### BEGIN HIDDEN TESTS\n" + CELL + "\n### END HIDDEN TESTS"
NBGRADER = "c = get_config()\nc.CourseDirectory.course_id = 'benchmark'\nc.CourseDirectory.root = {root!r}\n"
OTTER = """import plain
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points}


@test_case()
def test(env):
    plain.check({name!r}, env)
"""


def install() -> None:
    """Make the venv, once. torch is not installed a second time: a .pth leads to ours, behind what the peers bring."""
    done = VENV / "installed.txt"
    if done.exists() and done.read_text() == PINS.read_text():
        return
    venv.create(VENV, with_pip=True)
    python = VENV / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", PINS], check=True)
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    theirs = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    (theirs / "zz_torch.pth").write_text(sysconfig.get_path("purelib") + "\n")
    done.write_text(PINS.read_text())


def run(command: Sequence[str | Path], folder: Path) -> Cost:
    """Run one of the peers' commands in a folder."""
    return cost_of([VENV / "bin" / command[0], *command[1:]], cwd=folder, environment=ENVIRONMENT)


def points() -> dict[str, int]:
    """Return the points of each check."""
    sys.path.insert(0, str(SOLUTION))
    try:
        from plain import POINTS
    finally:
        sys.path.remove(str(SOLUTION))
    return dict(POINTS)


def copy_support(folder: Path) -> None:
    """Put the checks, the probes and the reference where a peer's tests import them from."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SUPPORT:
        shutil.copy(SOLUTION / name, folder)
    shutil.copy(SOLUTION / f"{MODULE}.py", folder / "reference.py")


# ---- nbgrader --------------------------------------------------------------------------------------------------


def nbgrader(folder: Path, size: int) -> Run:
    """Autograde a class in one run; return its cost and every student's points."""
    (folder / "source").mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(NBGRADER.format(root=str(folder)))
    source = folder / "source" / MODULE
    copy_support(source)
    notebook = json.loads((SOLUTION / f"{MODULE}.ipynb").read_text())
    notebook["cells"] += [graded_cell(name, worth) for name, worth in points().items()]
    (source / f"{MODULE}.ipynb").write_text(json.dumps(notebook))
    run(["nbgrader", "generate_assignment", MODULE, "--create"], folder)
    released = folder / "release" / MODULE / f"{MODULE}.ipynb"
    hand_in(folder / "submitted", size, released, f"{MODULE}/{MODULE}.ipynb")
    cost = run(["nbgrader", "autograde", MODULE], folder)
    run(["nbgrader", "export"], folder)
    with (folder / "grades.csv").open() as file:
        return Run(size, cost, {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)})


def graded_cell(name: str, worth: int) -> dict[str, Any]:
    """Return an autograder test cell that runs one of the checks."""
    says = {"grade": True, "grade_id": name, "locked": True, "points": worth, "schema_version": 3, "solution": False}
    return {
        "cell_type": "code",
        "id": name.replace("_", "-"),
        "metadata": {"nbgrader": says | {"cell_type": "code", "task": False}},
        "source": HIDDEN.format(name=name),
        "execution_count": None,
        "outputs": [],
    }


# ---- otter -----------------------------------------------------------------------------------------------------


def otter(folder: Path, size: int) -> Run:
    """Run each submission of a class; return the cost of all together and every student's points."""
    tests = folder / "tests"
    tests.mkdir(parents=True)
    for number, (name, worth) in enumerate(points().items()):
        (tests / f"{number}_{name}.py").write_text(OTTER.format(name=name, points=worth))
    copy_support(folder)
    support = [*SUPPORT, "reference.py"]
    run(["otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-requirements", *support], folder)
    inbox = hand_in(folder / "submitted", size)
    costs, scores = [], {}
    for notebook in sorted(inbox.iterdir()):
        out = folder / "results" / notebook.stem
        out.mkdir(parents=True)
        costs.append(run(["otter", "run", "--no-logo", "-a", "autograder.zip", "-o", out, notebook], folder))
        results = json.loads((out / "results.json").read_text())
        scores[notebook.stem] = sum(test.get("score", 0.0) for test in results["tests"])
    return Run(size, Cost(sum(c.cpu for c in costs), sum(c.seconds for c in costs)), scores)
