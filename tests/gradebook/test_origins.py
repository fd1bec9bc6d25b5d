"""What the name of a result is made of, and the results of other machines that are found by it."""

import pytest
from msgspec.structs import replace

from grader.gradebook import Origin, open_gradebook, result_key
from grader.model import Outcome

from .test_store import alter, rows

HERE = Origin(
    submission="5" * 64,
    assignment="a" * 64,
    machine="cpu",
    environment={"python": "3.11.7", "torch": "2.6.0+cpu"},
    sandbox="bwrap",
    inputs="course",
)
THERE = replace(HERE, machine="cuda NVIDIA H100", environment={"python": "3.11.7", "torch": "2.6.0+cu126"})


@pytest.fixture
def found(gradebook, a_report, a_verdict):
    """Record a result of some origin; return its key."""

    def found(origin, **changes):
        verdict = a_verdict(origin.key, **changes)
        gradebook.record(
            a_report(), verdict, assignment="08_adamw", key=HERE.key, seed=b"", origin=origin, only=origin.selection
        )
        return origin.key

    return found


def test_the_key_is_made_of_every_part():
    assert HERE.key == result_key(
        submission="5" * 64,
        assignment="a" * 64,
        environment={"python": "3.11.7", "torch": "2.6.0+cpu", "language": "en"},
        machine="cpu",
        sandbox="bwrap",
        seed="course",
        only="",
    )
    changes = {"selection": "gpu", "language": "zh", "inputs": "--seed 7"}
    keys = {HERE.key, THERE.key, *(replace(HERE, **{name: value}).key for name, value in changes.items())}
    assert len(keys) == 5


def test_results_of_every_machine_are_found_the_newest_first(gradebook, found):
    found(HERE)
    found(THERE)
    found(replace(THERE, selection="gpu"))
    results = gradebook.results_like(HERE)
    assert [(one.machine, one.selection) for one in results] == [
        ("cuda NVIDIA H100", "gpu"),
        ("cuda NVIDIA H100", ""),
        ("cpu", ""),
    ]
    assert results[1].verdict.key == THERE.key


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"submission": "6" * 64}, id="other files"),
        pytest.param({"assignment": "b" * 64}, id="other checks"),
        pytest.param({"sandbox": "none"}, id="another sandbox"),
        pytest.param({"inputs": "--seed 7"}, id="other inputs"),
    ],
)
def test_what_was_found_of_something_else_is_not_among_them(gradebook, found, changes):
    found(replace(THERE, **changes))
    assert gradebook.results_like(HERE) == []


def test_builds_of_the_same_versions_count_alike(gradebook, found):
    found(THERE)
    (result,) = gradebook.results_like(HERE)
    assert result.has_versions_of(HERE)
    assert not result.has_versions_of(replace(HERE, environment=HERE.environment | {"torch": "2.6.1+cpu"}))


def test_another_kind_of_machine_stands_for_this_one_with_all_checks_and_the_same_language_alone(gradebook, found):
    for changes in ({"machine": "cpu"}, {"selection": "gpu"}, {"language": "zh"}, {"environment": {"torch": "2.5.0"}}):
        found(replace(THERE, **changes))
    assert not any(one.stands_for(HERE) for one in gradebook.results_like(HERE))
    found(THERE)
    assert [one.key for one in gradebook.results_like(HERE) if one.stands_for(HERE)] == [THERE.key]


def test_a_result_completes_no_other_of_its_kind_of_machine_with_other_versions(gradebook, found):
    for origin in (HERE, THERE, replace(HERE, selection="gpu"), replace(HERE, environment={"torch": "2.5.0"})):
        found(origin)
    completing = {one.key for one in gradebook.results_like(HERE) if one.may_complete(HERE)}
    assert completing == {THERE.key, replace(HERE, selection="gpu").key}


def test_what_broke_is_not_found(gradebook, found, a_check):
    found(THERE, checks=(a_check(Outcome.INVALID),))
    assert gradebook.results_like(HERE) == []


def test_a_result_that_cannot_be_read_is_not_found(gradebook, found, where):
    found(THERE)
    alter(where, "UPDATE results SET verdict = '{}'")
    assert gradebook.results_like(HERE) == []


def test_an_origin_is_kept_once(found, where):
    found(HERE)
    found(HERE, seconds=2.0)
    assert rows(where, "origins") == rows(where, "results") == 1


def test_a_gradebook_of_before_gets_the_table_when_it_is_written(where, a_report, a_verdict):
    with open_gradebook(where):
        pass
    alter(where, "DROP TABLE origins")
    with open_gradebook(where, create=False) as gradebook:
        assert gradebook.attempts() == []
    with open_gradebook(where) as gradebook:
        assert gradebook.results_like(HERE) == []


# ---- attempts of which more is known ---------------------------------------------------------------------------


def test_an_attempt_is_completed_and_stays_where_it_is(gradebook, record, a_check):
    number = record(checks=(a_check(Outcome.PENDING),), earned=0.0, pending=10.0)
    later = record(digest="e" * 64)
    (before,) = gradebook.attempts_with("08_adamw", "ada", "d" * 64)
    assert gradebook.complete(before, replace(before.report, checks=(a_check(),), earned=10.0, pending=0.0))
    after = gradebook.attempt(number)
    assert (after.report.earned, after.report.pending) == (10, 0)
    assert (after.recorded, after.seen, after.key) == (before.recorded, before.seen, before.key)
    assert [stored.id for stored in gradebook.attempts()] == [later]


def test_one_that_a_run_has_seen_since_is_left_alone(gradebook, record):
    number = record()
    (before,) = gradebook.attempts_with("08_adamw", "ada", "d" * 64)
    record(earned=9.0)
    assert gradebook.complete(before, replace(before.report, earned=1.0)) is False
    assert gradebook.attempt(number).report.earned == 9


def test_whole_attempts_with_the_same_files_are_found(gradebook, record):
    first, second = record(), record(key="q" * 64)
    record(only="gpu", key="o" * 64)
    record("ben")
    record(digest="e" * 64)
    assert [stored.id for stored in gradebook.attempts_with("08_adamw", "ada", "d" * 64)] == [first, second]
