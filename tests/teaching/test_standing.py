import pytest
from msgspec.structs import replace

from grader.model import Outcome
from grader.teaching.standing import standing
from tests.plugins.gradesheets import CHECKS, report, unfinished

ALL_PASSED = dict.fromkeys((row[1] for row in CHECKS), Outcome.PASSED)
ALL_BLOCKED = dict.fromkeys(ALL_PASSED, Outcome.BLOCKED)


def test_a_graded_submission_has_its_points():
    at = standing(report("ada", ALL_PASSED), "en")
    assert (at.earned, at.share, at.low, at.counted, at.attention) == (120, 1.2, False, True, "")
    assert at.label == "19 of 19 checks passed"


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(unfinished("eve"), id="unfinished"),
        pytest.param(report("eve", ALL_BLOCKED | {"mean_values": Outcome.INVALID}), id="nothing but a broken check"),
        pytest.param(report("eve", dict.fromkeys(ALL_PASSED, Outcome.PENDING)), id="all pending"),
    ],
)
def test_there_is_no_number_where_it_would_mislead(made):
    at = standing(made, "en")
    assert (at.earned, at.share, at.low, at.counted) == (None, None, False, False)


def test_points_of_what_broke_and_of_what_waits_behind_it_are_undecided():
    drawn = ALL_PASSED | {"opt_path": Outcome.INVALID, "opt_average": Outcome.BLOCKED, "opt_resume": Outcome.BLOCKED}
    made = report("ada", drawn)
    assert standing(made, "en").undecided == 10 + 8 + 6
    also_failed = tuple(
        replace(check, after=("opt_path", "kw_path")) if check.name == "opt_average" else check for check in made.checks
    )
    failed = tuple(replace(c, outcome=Outcome.FAILED) if c.name == "kw_path" else c for c in also_failed)
    assert standing(replace(made, checks=failed), "en").undecided == 10 + 6


def test_what_broke_needs_attention_and_is_not_counted():
    at = standing(report("ada", ALL_PASSED | {"kw_spsa": Outcome.INVALID}), "en")
    assert at.attention == "1 check broke: SPSA takes two evaluations a step"
    assert at.remarks == ("4 undecided: our check broke",)
    assert not at.counted


def test_a_score_below_the_mark_for_a_pass_is_low():
    assert standing(report("ada", ALL_PASSED, earned=59), "en").low
    assert not standing(report("ada", ALL_PASSED, earned=60), "en").low


def test_a_run_of_nothing_that_counts_has_no_share():
    assert standing(report("ada", ALL_PASSED, possible=0), "en").share is None
