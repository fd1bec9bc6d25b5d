import pytest

from grader.merging.checks import filled, join, left_open, lost
from grader.model import Outcome

from .sheets import NOT_RUN, RAN, check

PASSED, FAILED, BLOCKED, INVALID, PENDING = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.BLOCKED,
    Outcome.INVALID,
    Outcome.PENDING,
)


@pytest.mark.parametrize("ended", RAN)
@pytest.mark.parametrize("open_", NOT_RUN)
def test_a_check_that_ran_stands_over_one_that_did_not(ended, open_):
    ran, not_run = check("dtype", ended), check("dtype", open_)
    assert join(ran, not_run) == join(not_run, ran) == ran


@pytest.mark.parametrize(("less", "more"), [(PENDING, INVALID), (INVALID, BLOCKED), (PENDING, BLOCKED)])
def test_what_is_known_more_of_stands_over_what_is_known_less_of(less, more):
    assert join(check("dtype", less), check("dtype", more)).outcome is more


def test_of_two_that_say_the_same_it_is_always_the_same_one():
    quick, slow = check("dtype", FAILED, seconds=1.0), check("dtype", FAILED, seconds=2.0)
    assert join(quick, slow) == join(slow, quick)


def test_what_blocks_a_check_on_either_machine_is_kept():
    one, other = check("memory", BLOCKED, after=("kernel",)), check("memory", BLOCKED, after=("order",))
    assert join(one, other).after == ("kernel", "order")


def test_lost_is_what_failed_and_what_is_blocked_by_it():
    checks = [check("memory", BLOCKED), check("kernel", BLOCKED), check("values", FAILED), check("order")]
    assert lost(checks) == {"values", "kernel", "memory"}


def test_what_is_blocked_by_a_check_that_broke_is_not_lost():
    assert lost([check("values", INVALID), check("dtype", BLOCKED)]) == frozenset()


def test_open_is_what_is_pending_and_what_is_undecided():
    checks = [check("values", INVALID), check("dtype", BLOCKED), check("order", FAILED), check("more", BLOCKED)]
    assert left_open([*checks, check("kernel", PENDING)]) == {"values", "dtype", "kernel"}


def test_what_waits_for_a_broken_and_for_a_pending_check_is_open():
    checks = [check("kernel", PENDING), check("order", INVALID), check("memory", BLOCKED)]
    assert left_open(checks) == {"kernel", "order", "memory"}


def test_what_is_blocked_by_a_check_that_is_not_in_the_report_is_not_open():
    assert left_open([check("memory", BLOCKED, after=("kernel",))]) == frozenset()


# ---- filling in ------------------------------------------------------------------------------------------------


def of(*checks):
    """What others found, the newest first."""
    found = {}
    for one in checks:
        found.setdefault(one.name, []).append(one)
    return found


def test_what_is_open_is_filled_in_and_what_is_decided_stays():
    base = (check("values", FAILED), check("order", PENDING))
    assert filled(base, of(check("values"), check("order"))) == (check("values", FAILED), check("order"))


def test_the_title_stays_in_the_language_of_the_first():
    base = (check("order", PENDING, title="顺序"),)
    assert filled(base, of(check("order"))) == (check("order", title="顺序"),)


@pytest.mark.parametrize("open_", [PENDING, INVALID])
def test_what_is_open_elsewhere_too_changes_nothing(open_):
    base = (check("order", PENDING, message="needs a GPU"),)
    assert filled(base, of(check("order", open_))) == base


def test_what_failed_there_blocks_here_what_comes_after_it():
    base = (check("values"), check("kernel", PENDING), check("memory", PENDING))
    found = of(check("kernel", FAILED), check("memory", BLOCKED, after=("kernel",)))
    assert [one.outcome for one in filled(base, found)] == [PASSED, FAILED, BLOCKED]


def test_what_is_blocked_there_by_a_check_that_passed_here_stays_open():
    """Of a check that is not to be repeated there, another run may have ended otherwise: no points are lost by that."""
    base = (check("values"), check("kernel", PENDING))
    assert filled(base, of(check("kernel", BLOCKED, after=("values",)))) == base


def test_an_older_run_of_what_a_newer_one_was_kept_from_counts():
    base = (check("kernel", PENDING), check("memory", PENDING))
    found = of(check("memory", BLOCKED, after=("kernel",)), check("kernel"), check("memory", after=("kernel",)))
    assert [one.outcome for one in filled(base, found)] == [PASSED, PASSED]


def test_behind_what_was_lost_last_no_older_run_counts():
    base = (check("kernel", PENDING), check("memory", PENDING))
    newer = (check("kernel", FAILED), check("memory", BLOCKED, after=("kernel",)))
    older = (check("kernel"), check("memory", after=("kernel",)))
    assert [one.outcome for one in filled(base, of(*newer, *older))] == [FAILED, BLOCKED]


def test_what_broke_here_and_what_it_held_back_are_filled_in_together():
    base = (check("values", INVALID), check("dtype", BLOCKED, after=("values",)))
    assert filled(base, of(check("values"), check("dtype"))) == (check("values"), check("dtype"))


def test_filling_in_twice_is_filling_in_once():
    base = (check("values"), check("kernel", PENDING), check("memory", PENDING))
    found = of(check("kernel", FAILED), check("memory", BLOCKED, after=("kernel",)))
    assert filled(filled(base, found), found) == filled(base, found)
