"""The benchmark compares equal work: every grader's checks are the same, and give every kind of student the same."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from benchmarks import peers
from benchmarks.classroom import COURSE, KINDS, SOLUTION, hand_in, students
from benchmarks.runs import bare, grader
from grader.course import find_course
from grader.teaching.source import generate, stale

EXPECTED = {student.name: student.kind.points for student in students(len(KINDS))}


@pytest.fixture(scope="module")
def inbox(tmp_path_factory):
    """One notebook of each kind."""
    return hand_in(tmp_path_factory.mktemp("class"), len(KINDS))


@pytest.mark.parametrize("options", [(), ("--huge-pages",), ("--no-fork",)], ids=["fork", "huge pages", "no fork"])
def test_the_bare_work_gives_each_kind_its_points(inbox, tmp_path, options):
    assert bare(inbox, tmp_path, *options).scores == EXPECTED


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_the_grader_gives_each_kind_its_points(inbox, tmp_path):
    assert grader(inbox, tmp_path, jobs=1).scores == EXPECTED


def test_plain_checks_are_worth_what_the_hidden_ones_are():
    assert peers.points() == {name: points for name, (points, _) in hidden_checks().items()}


def test_plain_checks_come_after_what_the_hidden_ones_do():
    after = {name: before for name, (_, before) in hidden_checks().items() if before}
    assert dict_in(SOLUTION / "plain.py", "AFTER") == after


def test_what_is_generated_is_up_to_date():
    (assignment,) = find_course(COURSE).assignments
    assert not stale(generate(assignment))


def hidden_checks() -> dict[str, tuple[int, str]]:
    """Return the points and the predecessor of each hidden check, read from the source."""
    found = {}
    for node in ast.parse((SOLUTION / "test_hidden_layers.py").read_text()).body:
        if isinstance(node, ast.FunctionDef):
            (call,) = node.decorator_list
            said = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
            name, before = node.name.removeprefix("test_"), said.get("after", "").removeprefix("test_")
            found[name] = int(said["points"]), before
    return found


def dict_in(path: Path, name: str) -> dict[str, str]:
    """Return a dict that a module assigns to a name."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise LookupError(name)
