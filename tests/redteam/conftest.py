"""The tiny assignment, and a way to clean up what a breach leaves."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from grader.course import find_course
from grader.model import Assignment
from grader.redteam import traces
from grader.redteam.traces import Traces

TINY = Path(__file__).parents[1] / "tiny"


@pytest.fixture
def tiny() -> Assignment:
    """The tiny assignment, with its solution."""
    return find_course(TINY).assignment("1")


@pytest.fixture
def own_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that other tests do not write to."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less for processes that never end."""
    monkeypatch.setattr(traces, "PATIENCE_SECONDS", 0.2)


@pytest.fixture
def ended() -> Iterator[list[Traces]]:
    """What is put in here has its processes killed at the end."""
    found: list[Traces] = []
    yield found
    for pid in (pid for each in found for pid in each.processes):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
