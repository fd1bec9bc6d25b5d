"""What the checks on the reference tell of the checks."""

import pytest

from grader.course import find_course
from grader.proving.bench import at_bench
from grader.proving.mutants.survey import LEAST_SECONDS, Survey
from grader.teaching.source import source_of
from tests.referee.tiny import copy_of_tiny


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """The checks that run each function, in the order in which they are asked; and the patience with each check."""
    assignment = find_course(copy_of_tiny(tmp_path_factory.mktemp("course"))).assignment("1")

    def work(bench):
        survey = Survey(bench, source_of(assignment))
        names = {node: check.name for node, check in bench.checks.items()}
        asked = {f: [names[item.nodeid] for item in survey.asking(f)] for f in ("twice", "Scaler.__call__", "", "new")}
        first = asked[""][0]
        bench.scripted.add(first)
        last = names[survey.asking("")[-1].nodeid]
        return asked, {check.name: check.seconds for check in survey.checks.values()}, (first, last)

    return at_bench(assignment, work)


def test_a_function_is_asked_about_by_the_checks_that_run_it(learnt):
    asked, _, _ = learnt
    assert set(asked["twice"]) == {"values", "keeps_dtype[float32]", "keeps_dtype[int64]"}
    assert asked["Scaler.__call__"] == ["scale_values"]


def test_what_is_in_no_function_is_asked_about_by_all(learnt):
    asked, _, _ = learnt
    assert len(asked[""]) == len(asked["new"]) == 5


def test_a_check_under_torchrun_comes_last(learnt):
    _, _, (first, last) = learnt
    assert first == last


def test_a_mutant_is_waited_for_no_longer_than_the_reference_makes_likely(learnt):
    _, seconds, _ = learnt
    assert min(seconds.values()) == LEAST_SECONDS
