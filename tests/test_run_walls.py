"""A course that student code could read is refused before any of it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import find_course
from grader.errors import SandboxUnavailable
from grader.model import Assignment
from grader.run import hidden_from
from grader.work import Sandbox

TINY = Path(__file__).parent / "tiny"


@pytest.fixture
def assignment() -> Assignment:
    return find_course(TINY).assignment("1")


def test_a_course_among_what_a_sandbox_shows_is_refused(assignment):
    with pytest.raises(SandboxUnavailable, match="the solutions lie in it"):
        hidden_from(Sandbox("bwrap", confined=True, shows=("/usr", str(TINY.parent))), assignment)


def test_a_link_does_not_hide_it(assignment, tmp_path):
    (tmp_path / "linked").symlink_to(TINY.parent)
    with pytest.raises(SandboxUnavailable):
        hidden_from(Sandbox("bwrap", confined=True, shows=(str(tmp_path / "linked"),)), assignment)


def test_a_course_beside_it_is_not(assignment, tmp_path):
    hidden_from(Sandbox("bwrap", confined=True, shows=("/usr", str(tmp_path))), assignment)
