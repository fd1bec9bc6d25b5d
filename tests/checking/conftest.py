"""A handed-out folder, alone, and a student who stands in it."""

import builtins
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.checking.public import run_public
from grader.checking.recorder import Wanted
from grader.checking.results import PublicRun
from grader.checking.student import load_student
from grader.course import read_assignment

TINY = Path(__file__).parent.parent / "tiny"

GOOD = """\
import torch

def double(x):
    return x * 2

class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
"""


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what a run leaves behind in its process."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = dict(vars(builtins))
    yield
    for name in vars(builtins).keys() - before.keys():
        delattr(builtins, name)


@pytest.fixture
def handout(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "01_tiny"
    shutil.copytree(TINY / "assignments" / "01_tiny", folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def good() -> str:
    return GOOD


@pytest.fixture
def check(handout):
    """Run the public checks on a module with this text."""

    def run(text: str, *, only: str = "", seconds: float | None = None) -> PublicRun:
        path = handout / "ada.py"
        path.write_text(text)
        assignment = read_assignment(handout)
        wanted = Wanted(only, seconds, "grader check --only")
        return run_public(assignment, load_student(assignment, path, seconds), path.name, wanted)

    return run
