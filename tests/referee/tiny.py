"""A copy of the tiny course to change, and its checks run on a student in this process: no sandbox, no warm start."""

from __future__ import annotations

import os
import shutil
import types
from pathlib import Path

import pytest

from grader.model import CheckResult
from grader.proving.session import in_session
from grader.referee.grading import GRADINGS, Grading
from grader.referee.judge import judge
from grader.referee.submission import suite_and_checks
from grader.referee.trusted import Trusted

TINY = Path(__file__).parents[1] / "tiny"
OPTIONS = ["-s", "--import-mode=importlib", "-c", os.devnull, "-p", "grader.referee.plugin"]
UNWANTED = shutil.ignore_patterns("conftest.py", "__pycache__", "*.sqlite*", "submissions", ".grader")

RIGHT = """
def double(x):
    return 2 * x

class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
"""

PREAMBLE = """
import probes, pytest, torch
from grader.checks import assert_close, check, require

T = torch.tensor
"""


def copy_of_tiny(folder: Path) -> Path:
    """Return the solution folder of a copy."""
    shutil.copytree(TINY, folder, dirs_exist_ok=True, ignore=UNWANTED)
    return folder / "solutions" / "01_tiny"


def with_checks(solution: Path, source: str, **parts: float) -> Path:
    """Give a solution these checks, of parts with these points, in place of its own."""
    for old in solution.glob("test_hidden*.py"):
        old.unlink()
    (solution / "test_hidden_own.py").write_text(PREAMBLE + source)
    toml = solution.parents[1] / "assignments" / solution.name / "assignment.toml"
    names = {"double": '["double"]', "scale": '["Scaler"]'}
    tables = [
        f'[[parts]]\nid = "{part}"\ntitle = "{part}"\npoints = {points}\nnames = {names.get(part, "[]")}\n'
        for part, points in (parts or {"double": 100}).items()
    ]
    toml.write_text('title = "Tiny"\nmodule = "tiny"\n' + "\n".join(tables))
    return solution


def a_course(folder: Path, source: str, **parts: float) -> Path:
    """Return the solution folder of a tiny course with these checks alone."""
    return with_checks(copy_of_tiny(folder), source, **parts)


def judged(
    solution: Path, student: str = RIGHT, *, only: str = "", language: str = "en", seed: bytes = b"a seed"
) -> dict[str, CheckResult]:
    """Judge a student whose module has this source; return the results by name."""
    module = types.ModuleType("tiny")
    exec(compile(student, str(solution / "handed_in" / "tiny.py"), "exec"), vars(module))

    def work(session: pytest.Session) -> dict[str, CheckResult]:
        suite, checks = suite_and_checks(session.items)
        asked = Trusted([module], suite.probes, str(solution / "handed_in"))
        grading = Grading(suite, checks, asked, seed)
        session.config.stash[GRADINGS] = {str(suite.folder): grading}
        try:
            return {result.name: result for result in judge(grading, session.items, only=only, language=language)}
        finally:
            grading.close()

    results: dict[str, CheckResult] = in_session(solution, work)
    return results
