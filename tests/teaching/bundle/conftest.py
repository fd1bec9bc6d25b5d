import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import find_course
from grader.model import Assignment

TINY = Path(__file__).parents[2] / "tiny"


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    shutil.copytree(TINY, tmp_path / "tiny")
    return find_course(tmp_path / "tiny").assignment("tiny")


@pytest.fixture
def secret(tiny: Assignment) -> Callable[[str], str]:
    """Read a file of the secret half."""
    return lambda name: (tiny.solution / name).read_text(encoding="utf-8")
