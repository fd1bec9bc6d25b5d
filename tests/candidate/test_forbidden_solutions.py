"""No solution of ours calls what its own assignment rules out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import find_course

ROOT = Path(__file__).parent.parent.parent
TINY = ROOT / "tests" / "tiny"


def run(solution: Path) -> subprocess.CompletedProcess[str]:
    """Run an assignment's checks on its solution, with the guard of a sandbox."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "guarded", "-p", "no:cacheprovider", str(solution)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=solution.parent.parent,
        capture_output=True,
        text=True,
    )


def solutions() -> list[str]:
    course = find_course(ROOT)
    return [name for name in course.names if any(part.forbidden for part in course.assignment(name).parts)]


def test_there_are_some():
    assert {"03_stochastic_approximation", "08_adamw"} <= set(solutions())


@pytest.mark.parametrize("name", solutions())
def test_a_solution_calls_nothing_that_is_ruled_out(name):
    ended = run(ROOT / "solutions" / name)
    assert ended.returncode == 0, ended.stdout


def test_one_that_does_is_caught(tmp_path):
    course = shutil.copytree(TINY, tmp_path / "tiny")
    solution = next((course / "solutions").iterdir())
    handout = course / "assignments" / solution.name / "assignment.toml"
    assert run(solution).returncode == 0
    text = handout.read_text(encoding="utf-8")
    handout.write_text(
        text.replace("names = ", 'forbidden = ["torch.Tensor.mul", "aten::mul"]\nnames = '), encoding="utf-8"
    )
    ended = run(solution)
    assert ended.returncode == 1
    assert "may not be used in this part" in ended.stdout
