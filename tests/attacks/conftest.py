"""A tiny course with tight limits, for the attacks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.course import read_assignment
from grader.model import Loaded, Submission
from grader.redteam.traces import watched
from grader.work import Job

TINY = Path(__file__).parents[1] / "tiny"
LIMITS = """
[limits]
load_seconds = 5
call_seconds = 2
cpu_seconds = 20
memory = 314572800
disk = 134217728
"""
RULED_OUT = 'names = ["double"]\nforbidden = ["torch.lerp", "torch.nn.functional.pad"]'


def tight_course(folder: Path) -> Path:
    """Copy the tiny course, tighten its limits and rule something out; return its solution folder."""
    shutil.copytree(TINY, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("conftest.py", "__pycache__"))
    toml = folder / "assignments/01_tiny/assignment.toml"
    before, _, after = toml.read_text().partition("[limits]")
    parts = after[after.index("[[parts]]") :].replace('names = ["double"]', RULED_OUT)
    toml.write_text(before + LIMITS + parts)
    return folder / "solutions/01_tiny"


def jobs(solution: Path, files: list[Path], sandbox: str) -> list[Job]:
    """Return a job for each file, keyed by its stem."""
    assignment = read_assignment(solution.parents[1] / "assignments" / solution.name, solution)
    return [
        Job(
            file.stem,
            assignment,
            Submission(file.stem, file),
            Loaded({"tiny.py": file.read_bytes()}, "tiny.py"),
            b"a secret",
            sandbox,
        )
        for file in files
    ]


@contextmanager
def nothing_left_behind() -> Iterator[None]:
    """Fail if a process that was started meanwhile is still there: orphans too, which come to this process."""
    with watched() as traces:
        yield
    assert traces.processes == {}


@pytest.fixture(scope="session")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The solution folder of a tiny course with tight limits."""
    return tight_course(tmp_path_factory.mktemp("tight"))
