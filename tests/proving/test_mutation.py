"""The mutation score of a small assignment."""

import sys

import pytest

from grader.course import find_course
from grader.errors import CheckDefect, GraderError
from grader.proving.bench import at_bench
from grader.proving.exceptions import Equivalent
from grader.proving.mutants import hunt, survey
from grader.proving.mutation import MutationScore, mutated
from tests.referee.tiny import a_course, copy_of_tiny

BEGIN, END = "# BEGIN SOLUTION\n", "# END SOLUTION\n"
LENIENT = "if factor < 0:", "if factor <= 0:"


def score_of(solution, *equivalents, limit=None, progress=None):
    """The score of the assignment in this solution folder."""
    assignment = find_course(solution).assignment("1")
    return at_bench(assignment, lambda bench: mutated(bench, 2, equivalents, progress, limit))


def a_solution(folder, source, checks):
    """An assignment with this solution, and these checks of `double`."""
    solution = a_course(folder, checks)
    (solution / "tiny.py").write_text(source)
    (solution / "misconceptions.py").unlink()
    return solution


def equivalent(was, becomes, within="Scaler.__init__", reason="a reason"):
    return Equivalent(was, becomes, within, reason)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return copy_of_tiny(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def score(tiny):
    return score_of(tiny, equivalent(*LENIENT))


def test_what_a_check_notices_is_killed_and_the_rest_survives(score):
    """No check of the tiny course gives a factor between 0 and 1."""
    assert (score.mutants, score.judged, score.killed) == (8, 8, 6)
    assert [survivor.becomes for survivor in score.survivors] == ["if factor < 1:"]


def test_a_survivor_comes_with_its_diff_and_the_checks_that_could_have_noticed(score):
    (survivor,) = score.survivors
    assert (survivor.function, survivor.was) == ("Scaler.__init__", "if factor < 0:")
    assert "-        if factor < 0:\n+        if factor < 1:" in survivor.diff
    assert survivor.checks == ("scale_values", "refuses_a_negative_factor")


def test_one_that_is_marked_as_equivalent_counts_neither_way(score):
    assert (score.equivalent, score.mistakes) == (1, 7)
    assert score.share == pytest.approx(6 / 7)
    assert score.findings == ()


def test_entries_that_are_not_true_are_found(tiny):
    entries = [
        equivalent("if factor < 0:", "if factor < 2:"),
        equivalent("return self.factor * x", "return self.factor / x", within="Scaler.__call__"),
        equivalent(*LENIENT, reason=" "),
    ]
    found = score_of(tiny, *entries)
    assert [finding.problem for finding in found.findings] == [
        "is marked as equivalent, and is no mutant of the solution",
        "is marked as equivalent, but scale_values notices it",
        "is marked as equivalent without a reason",
    ]
    assert (found.equivalent, found.killed) == (0, 6)


def test_a_sample_is_the_same_each_time_and_progress_is_told(tiny):
    heard = []
    first, again = (score_of(tiny, limit=3, progress=lambda done, of: heard.append((done, of))) for _ in range(2))
    assert heard == [(1, 3), (2, 3), (3, 3)] * 2
    assert (first.judged, first.mutants) == (3, 8)
    assert (first.killed, first.survivors) == (again.killed, again.survivors)


def test_what_fails_or_never_ends_at_import_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(hunt, "LOAD_SECONDS", 0.5)
    loop = f"{BEGIN}n = 0\nwhile n < 2:\n    n += 1\n{END}\n\ndef double(x):\n    return n * x\n"
    checks = """
@check("double", points=100)
def test_values(same):
    '''Twice the input.'''
    same("double", T(3.0))
"""
    score = score_of(a_solution(tmp_path, loop, checks))
    assert score.late >= 2  # n -= 1, and n = 1 in place of n += 1
    assert "n -= 1" not in {survivor.becomes for survivor in score.survivors}


def test_what_never_ends_in_a_call_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(survey, "LEAST_SECONDS", 0.3)
    monkeypatch.setattr(survey, "SLOWER", 0)
    loop = f"def double(x):\n    {BEGIN}    n = x\n    while n < 2 * x:\n        n += 1\n    return n\n    {END}"
    checks = """
@check("double", points=100)
def test_values(same):
    '''Twice the input.'''
    same("double", 3)
"""
    score = score_of(a_solution(tmp_path, loop, checks))
    assert score.late >= 2
    assert "n -= 1" not in {survivor.becomes for survivor in score.survivors}


def test_a_reference_that_loses_a_check_has_no_score(tmp_path):
    checks = """
@check("double", points=100)
def test_values(candidate):
    '''Seven.'''
    require(candidate.call("double", T(3.0)) == 7, "not seven")
"""
    with pytest.raises(CheckDefect, match="the reference loses values"):
        score_of(a_course(tmp_path, checks))


def test_without_mutmut_one_sentence_says_what_to_install(tiny, monkeypatch):
    monkeypatch.delitem(sys.modules, "grader.proving.mutants.making", raising=False)
    monkeypatch.setitem(sys.modules, "mutmut.mutation.mutators", None)
    with pytest.raises(GraderError, match="mutmut, which makes the mutants, is not installed") as caught:
        score_of(tiny)
    assert caught.value.step == "pip install 'dlgrader[mutate]'"


def test_a_solution_without_mutants_has_nothing_to_miss():
    assert MutationScore(mutants=0, judged=0, killed=0, equivalent=0).share == 1.0
