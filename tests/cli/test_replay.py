import json
from pathlib import Path

import pytest


@pytest.fixture
def graded(grader):
    grader("run", "1", "--report", "json=out.json")
    return {s["student"]: s for s in json.loads(Path("out.json").read_text())["submissions"]}


def test_a_check_runs_again_on_the_same_inputs(grader, graded):
    Path("submissions/01_tiny/ben.py").write_text("double failed")  # what was handed in is in the gradebook
    output = grader("replay", "2", "--check", "double").output
    assert output.startswith("double: passed, 60 of 60 points")
    assert "Doubling" in output
    assert "drawn from" in output


def test_nothing_is_recorded(grader, graded):
    before = grader("show").output
    grader("replay", "2", "--check", "scale")
    assert grader("show").output == before


def test_an_unknown_check_gets_the_nearest(grader, graded):
    assert "did you mean double?" in grader("replay", "1", "--check", "doubel", code=2).stderr


def test_what_was_never_loaded_has_no_checks_and_the_reason_is_said(grader, graded):
    stderr = grader("replay", "3", "--check", "double", code=2).stderr
    assert "no check of attempt 3 ran: line 1 is not Python" in stderr


def test_files_that_were_not_kept_are_an_error_with_a_way_out(grader, graded, monkeypatch):
    monkeypatch.setattr("grader.gradebook.Gradebook.files", lambda self, digest: None)
    result = grader("replay", "1", "--check", "double", code=2)
    assert "the files of attempt 1 were not kept" in result.stderr


def test_a_run_that_breaks_gives_its_reason(grader, graded, course):
    text = (course / "executor.py").read_text()
    broken = "yield Verdict(key=job.key, status=Status.UNFINISHED, reason='no fork'); return"
    (course / "executor.py").write_text(text.replace("executed.append(", f"{broken}\n    executed.append("))
    assert "no fork" in grader("replay", "1", "--check", "double", code=2).stderr


def test_an_attempt_is_a_number(grader, graded):
    assert "not a valid integer" in grader("replay", "ada", "--check", "double", code=2).stderr
