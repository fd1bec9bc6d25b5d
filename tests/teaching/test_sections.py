"""Where a student reads on: the headings of a handout that state points are those of its parts, in their order."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import read_assignment
from grader.digest import assignment_digest
from grader.model import Assignment, Section
from grader.teaching.sections import sections
from tests.referee.tiny import copy_of_tiny

EN = ("Part 1: Doubling (60 points)", "Part 2: Scaling (40 points)")


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    solution = copy_of_tiny(tmp_path)
    return read_assignment(solution.parents[1] / "assignments" / solution.name, solution)


def english(assignment: Assignment, text: str) -> list[str]:
    (assignment.folder / "README.md").write_text(text, encoding="utf-8")
    return [section.heading for section in sections(assignment) if section.language == "en"]


def test_each_part_has_its_heading_in_each_language(tiny):
    assert sections(tiny) == (
        Section("double", "en", "README.md", "Part 1: Doubling"),
        Section("scale", "en", "README.md", "Part 2: Scaling"),
        Section("double", "zh", "README.zh.md", "第 1 部分：加倍"),
        Section("scale", "zh", "README.zh.md", "第 2 部分：缩放"),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("## Words\n\n### A (1 point)\n\n# B (bonus, 2.5 points)  \n", ["A", "B"], id="any level"),
        pytest.param("## A (b) (+4 points)\n\n## 2. M (x) (60 points)\n", ["A (b)", "2. M (x)"], id="brackets"),
        pytest.param("## A\n\n## B\n", [], id="no points"),
        pytest.param("## A (60 points)\n", [], id="fewer than parts"),
        pytest.param("## A (1 point)\n## B (1 point)\n## C (1 point)\n", [], id="more than parts"),
        pytest.param("## A (1 point)\n```\n# B (2 points)\n```\n## C (1 point)\n", ["A", "C"], id="a comment"),
    ],
)
def test_headings_are_told_by_their_points(tiny, text, found):
    assert english(tiny, text) == found


def test_a_handout_that_is_not_there_has_no_sections(tiny):
    (tiny.folder / "README.zh.md").unlink()
    assert {section.language for section in sections(tiny)} == {"en"}


def test_another_heading_makes_no_other_result(tiny):
    before = assignment_digest(tiny)
    assert english(tiny, "## One (60 points)\n## Two (40 points)\n") == ["One", "Two"]
    assert assignment_digest(tiny) == before
