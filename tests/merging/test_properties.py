"""In whatever order, however often and however grouped: the same, or refused."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import MergeRefused
from grader.manager import build_manager
from grader.merging import merged
from grader.model import Gradesheet, Outcome, Status
from grader.run import rescored

from .sheets import assignment, drawn_sheets, named

RESCORED = partial(rescored, build_manager(defaults=["grader_late"], installed=False), assignment(), "pending")
REFUSED = "refused"


def merge(*sheets: Gradesheet | str) -> Gradesheet | str:
    """Join, and say so where that is refused; what was refused stays so in whatever it is part of."""
    if REFUSED in sheets:
        return REFUSED
    try:
        return merged(named(*sheets), RESCORED)
    except MergeRefused:
        return REFUSED


@given(drawn_sheets(), st.randoms())
def test_the_order_of_the_files_does_not_matter(sheets, random):
    turned = list(sheets)
    random.shuffle(turned)
    assert merge(*turned) == merge(*sheets)


@given(drawn_sheets())
def test_a_file_may_be_named_twice(sheets):
    assert merge(*sheets, sheets[0]) == merge(*sheets)


@given(drawn_sheets())
def test_what_was_joined_may_be_joined_again(sheets):
    together = merge(*sheets)
    assert merge(together, *sheets) == merge(together, together) == merge(together) == together


@given(drawn_sheets(least=2, most=5), st.data())
def test_files_may_be_joined_in_groups(sheets, data):
    place = data.draw(st.integers(1, len(sheets) - 1))
    first, second = merge(*sheets[:place]), merge(*sheets[place:])
    assert merge(first, second) == merge(first, *sheets[place:]) == merge(*sheets)


@given(drawn_sheets(least=2))
def test_nothing_that_was_found_is_lost(sheets):
    together = merge(*sheets)
    if together == REFUSED:
        return
    known = {report.student: {check.name: check for check in report.checks} for report in together.submissions}
    for one in sheets:
        for report in one.submissions:
            for check in report.checks:
                found = known[report.student][check.name]
                assert check.outcome in (Outcome.PENDING, Outcome.INVALID, Outcome.BLOCKED, found.outcome)


@given(drawn_sheets(least=2))
def test_scores_are_those_of_the_checks(sheets):
    together = merge(*sheets)
    for report in () if together == REFUSED else together.submissions:
        if report.status is Status.GRADED:
            taken = sum(change.points for change in report.adjustments)
            assert report.earned == pytest.approx(max(0.0, sum(check.earned for check in report.checks) + taken))
            waiting = sum(check.points for check in report.checks if check.outcome is Outcome.PENDING)
            assert report.pending == pytest.approx(waiting)
        else:
            assert (report.earned, report.pending) == (0, 0)


def test_most_of_what_is_drawn_is_joined_and_some_is_refused():
    """Otherwise the properties would say little."""
    seen = []

    @given(drawn_sheets(least=2))
    def look(sheets):
        seen.append(merge(*sheets) == REFUSED)

    look()
    assert 0.05 < sum(seen) / len(seen) < 0.8
