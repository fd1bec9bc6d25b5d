"""An assignment's secret half, imported."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from grader.errors import CheckDefect
from grader.referee.suite import Suite
from tests.referee.tiny import copy_of_tiny, in_session, judged, with_checks

X = torch.tensor([3.0])

CHECK = """
@check("double", points=100)
def test_values(same):
    \"\"\"Values.\"\"\"
    same(probes.doubled, x=torch.tensor([{x}]))
"""


@pytest.fixture
def solution(tmp_path: Path) -> Path:
    return copy_of_tiny(tmp_path)


def misconceptions(solution: Path, source: str) -> None:
    (solution / "misconceptions.py").write_text("from grader.checks import misconception\nimport tiny\n" + source)


def test_reference_probes_and_catalogue_are_there(solution):
    suite = Suite(solution)
    assert suite.assignment.module == "tiny"
    assert suite.probes.doubled(suite.reference, X) == 6
    assert suite.titles["values"] == "输出是输入的两倍"
    assert {wrong.about.name: wrong.hint for wrong in suite.misconceptions} == suite.hints


def test_a_solution_without_probes_and_titles_is_a_suite(solution):
    for name in ("probes.py", "titles.zh.toml", "misconceptions.py"):
        (solution / name).unlink()
    suite = Suite(solution)
    assert (suite.titles, suite.hints, suite.misconceptions) == ({}, {}, ())


def test_nothing_of_it_stays_importable(solution, monkeypatch):
    for name in ("tiny", "probes", "misconceptions"):
        monkeypatch.delitem(sys.modules, name, raising=False)  # what another test has left
    before = dict(sys.modules), list(sys.path)
    Suite(solution)
    assert (dict(sys.modules), list(sys.path)) == before
    assert not list(solution.rglob("__pycache__"))


def test_a_misconception_is_the_reference_with_one_thing_replaced(solution):
    suite = Suite(solution)
    wrong = {found.about.name: found.module for found in suite.misconceptions}
    assert wrong["adds_two"].double(X) == 5
    assert wrong["adds_two"].Scaler(3.0)(X) == 9
    assert wrong["adds_the_factor"].double(X) == 6
    assert wrong["adds_the_factor"].Scaler(3.0)(X) == 6
    assert suite.reference.Scaler(3.0)(X) == 9


def test_misconceptions_belong_to_the_part_whose_names_they_replace(solution):
    suite = Suite(solution)
    of = {part.id: [w.about.name for w in suite.misconceptions_of(part)] for part in suite.assignment.parts}
    assert of == {"double": ["adds_two"], "scale": ["adds_the_factor", "takes_any_factor"]}


ONE = "from grader.checks import misconception\n@misconception(replaces='double', hint='')\ndef {}(x): return x * {}\n"


def test_misconceptions_may_be_in_several_files(solution):
    (solution / "misconceptions_more.py").write_text(ONE.format("more", 1))
    assert [w.about.name for w in Suite(solution).misconceptions] == [
        "adds_two",
        "adds_the_factor",
        "takes_any_factor",
        "more",
    ]


def test_misconceptions_may_be_in_a_folder_as_another_assignments_are(tmp_path):
    for number in (3, 7):
        solution = copy_of_tiny(tmp_path / str(number))
        (solution / "misconceptions.py").unlink()
        (solution / "misconceptions").mkdir()
        (solution / "misconceptions" / "first.py").write_text(ONE.format("times", number))
        assert [wrong.module.double(1) for wrong in Suite(solution).misconceptions] == [number]


def test_a_misconception_may_build_on_the_reference(solution):
    source = (
        "@misconception(replaces='Scaler', hint='')\nclass Twice(tiny.Scaler):\n    __call__ = lambda self, x: x * 7\n"
    )
    misconceptions(solution, source)
    assert Suite(solution).misconceptions[0].module.Scaler(1.0)(X) == 21


@pytest.mark.parametrize("replaces", ["dubble", "Scaler.call", "Skaler.__call__"])
def test_a_misconception_of_nothing_is_refused(solution, replaces):
    misconceptions(solution, f"@misconception(replaces='{replaces}', hint='')\ndef wrong(x): return x")
    with pytest.raises(CheckDefect, match=f"misconception 'wrong' replaces '{replaces}', which is not there"):
        Suite(solution)


def test_a_defect_of_the_suite_is_told_when_its_checks_are_collected(solution):
    misconceptions(solution, "@misconception(replaces='dubble', hint='')\ndef wrong(x): return x")
    with pytest.raises(CheckDefect, match="replaces 'dubble', which is not there"):
        in_session(solution, lambda session: None)


def test_a_candidate_is_imported_from_a_file(solution):
    suite = Suite(solution)
    before = dict(sys.modules)
    module = suite.load_candidate(solution / "alternatives" / "operators.py")
    assert (module.double(X), module.__name__) == (6, "tiny")
    assert sys.modules == before
    with pytest.raises(CheckDefect, match="is not a module"):
        suite.load_candidate(solution / "titles.zh.toml")


def test_two_assignments_with_files_of_the_same_names_do_not_clash(tmp_path):
    first, second = (with_checks(copy_of_tiny(tmp_path / n), CHECK.format(x=float(n))) for n in "12")
    (second / "probes.py").write_text("def doubled(student, x): return student.triple(x)")
    (second / "tiny.py").write_text("def triple(x): return 3 * x\ndef double(x): return x\nclass Scaler: __call__ = 0")
    student = "def double(x): return 2 * x\ndef triple(x): return 3 * x"
    for solution in (first, second, first):
        assert judged(solution, student)["values"].outcome == "passed"
    assert judged(second, "def double(x): return 2 * x")["values"].outcome == "not_attempted"
