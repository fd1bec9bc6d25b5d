"""One gradebook on a laptop and on a machine with a GPU, by the command line."""

import csv
import json
from pathlib import Path

import pytest

from .test_merge import GPU_PART, HAS_A_GPU

HAD = "double passed scale passed more passed speed passed"


@pytest.fixture
def graded(grader, course):
    """A class that was graded on a laptop."""
    with (course / "assignments/01_tiny/assignment.toml").open("a") as file:
        file.write(GPU_PART)
    (course / "gpu.py").write_text(HAS_A_GPU)
    for student in ("ada", "ben"):
        (course / "submissions/01_tiny" / f"{student}.py").write_text(HAD)
    grader("run", "1")
    return grader


def shown(grader) -> dict[str, tuple[str, str, str]]:
    grader("show", "1", "--report", "csv=shown.csv", "--report", "json=shown.json")
    rows = csv.DictReader(Path("shown.csv").read_text(encoding="utf-8-sig").splitlines())
    return {row["student"]: (row["earned"], row["pending"], row["possible"]) for row in rows}


def test_before_the_other_machine_points_wait(graded):
    assert shown(graded)["ada"] == ("110", "30", "130")


@pytest.mark.parametrize("only", [("--only", "gpu"), ()], ids=["only what needs one", "a plain run"])
def test_after_it_the_class_has_both(graded, only):
    graded("run", "1", "-p", "gpu.py", *only)
    assert shown(graded)["ada"] == ("140", "0", "130")
    assert json.loads(Path("shown.json").read_text())["machine"] == "cpu; cuda NVIDIA H100"
    numbers = [line.split()[0] for line in graded("show").stdout.splitlines() if " ada " in line and "only" not in line]
    assert numbers == ["1"]


def test_a_check_that_another_machine_filled_in_is_replayed_by_the_attempts_number(graded):
    graded("run", "1", "-p", "gpu.py")
    assert "speed: passed" in graded("replay", "1", "--check", "speed", "-p", "gpu.py").stdout
