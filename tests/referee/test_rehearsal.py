"""Before the first submission the checks run once on the reference, and nothing is kept of that."""

from __future__ import annotations

import pytest

from grader.referee import rehearsal
from grader.referee.grading import GRADINGS
from grader.referee.submission import suite_and_checks
from tests.referee.tiny import RIGHT, a_course, copy_of_tiny, in_session, judged

COUNTS = """
RAN = []

@check("double", points=50)
def test_a(same):
    \"\"\"A.\"\"\"
    RAN.append(1)
    same("double", T(2.0))

@check("double", points=50)
def test_b(candidate):
    \"\"\"B: broken.\"\"\"
    RAN.append(1)
    1 / 0
"""


def rehearsed(session: pytest.Session) -> tuple[int, dict[str, object]]:
    suite, checks = suite_and_checks(session.items)
    before = dict(vars(suite.reference))
    rehearsal.rehearse(suite, checks, session.items)
    assert vars(suite.reference) == before
    (grading,) = session.config.stash[GRADINGS].values()
    return len(session.items[0].obj.__globals__.get("RAN", ())), grading.outcomes


def test_each_check_runs_in_this_process_on_a_copy_of_the_reference(tmp_path):
    _, outcomes = in_session(copy_of_tiny(tmp_path), rehearsed)
    assert {str(outcome) for found in outcomes.values() for outcome in found} == {"passed"}


def test_what_the_reference_keeps_is_not_what_submissions_are_compared_with(tmp_path):
    solution = copy_of_tiny(tmp_path)
    reference = solution / "tiny.py"
    reference.write_text(
        reference.read_text().replace("return twice(x)", "CALLS.append(1)\n    return twice(x)") + "\nCALLS = []\n"
    )

    def calls(session: pytest.Session) -> list[int]:
        rehearsed(session)
        suite, _ = suite_and_checks(session.items)
        return list(suite.reference.CALLS)

    assert in_session(solution, calls) == []


def test_a_check_that_breaks_does_not_end_it(tmp_path):
    ran, outcomes = in_session(a_course(tmp_path, COUNTS), rehearsed)
    assert ran == 3  # the broken one is tried a second time, to see whose fault it is
    assert {name: {str(outcome) for outcome in found} for name, found in outcomes.items()} == {
        "a": {"passed"},
        "b": {"invalid"},
    }


def test_it_takes_a_few_seconds_at_most(tmp_path, monkeypatch):
    monkeypatch.setattr(rehearsal, "MOST_SECONDS", 0.0)
    assert in_session(a_course(tmp_path, COUNTS), rehearsed) == (0, {})


def test_a_submission_is_judged_the_same_afterwards(tmp_path):
    solution = copy_of_tiny(tmp_path)
    in_session(solution, rehearsed)
    assert {result.outcome for result in judged(solution, RIGHT).values()} == {"passed"}
