"""What is attacked is a copy, with canaries, whose limits of time are no longer than the assignment's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.course import find_course, read_assignment
from grader.redteam.canary import hatch
from grader.redteam.target import CALL_SECONDS, LOAD_SECONDS, SUBMISSION_SECONDS, target

TINY = Path(__file__).parents[1] / "tiny"


def with_limits(folder: Path, table: str):
    """Return the tiny assignment with another table of limits, or none."""
    shutil.copytree(TINY, folder, ignore=shutil.ignore_patterns("conftest.py", "__pycache__"))
    toml = folder / "assignments/01_tiny/assignment.toml"
    head, _, rest = toml.read_text().partition("[limits]")
    toml.write_text(head + table + rest[rest.index("[[parts]]") :])
    return find_course(folder).assignment("1")


@pytest.mark.parametrize(
    "table", ["", "[limits]\ncall_seconds = 30\nload_seconds = 90\n# a comment\n\n"], ids=["none", "long ones"]
)
def test_long_limits_are_cut(table, tmp_path):
    _, attacked = target(with_limits(tmp_path / "course", table), tmp_path / "copy", hatch())
    limits = attacked.limits
    assert (limits.load_seconds, limits.call_seconds) == (LOAD_SECONDS, CALL_SECONDS)
    assert limits.submission_seconds == SUBMISSION_SECONDS


def test_shorter_limits_and_all_others_stay(tmp_path):
    table = "[limits]\ncall_seconds = 0.5\nmemory = 314572800\nprocesses = 7\n\n"
    _, attacked = target(with_limits(tmp_path / "course", table), tmp_path / "copy", hatch())
    assert (attacked.limits.call_seconds, attacked.limits.memory, attacked.limits.processes) == (0.5, 314572800, 7)


def test_the_copy_has_the_parts_and_the_canaries_and_the_original_is_left_alone(tiny, tmp_path):
    before = {path: path.read_bytes() for path in TINY.rglob("*.py")}
    canaries = hatch()
    course, attacked = target(tiny, tmp_path / "copy", canaries)
    assert attacked.parts == tiny.parts
    assert attacked.folder.parent.parent == course.root == tmp_path / "copy"
    assert attacked.solution is not None
    assert canaries["solutions"] in (attacked.solution / "tiny.py").read_text()
    assert {path: path.read_bytes() for path in TINY.rglob("*.py")} == before
    assert read_assignment(tiny.folder, tiny.solution) == tiny
