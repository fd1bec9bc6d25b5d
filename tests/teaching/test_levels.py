"""What is taken out of a report before its student reads it."""

import pytest
from msgspec.structs import replace

from grader.model import CheckResult, Outcome, Report
from grader.teaching.feedback import shown, shown_to_student
from grader.teaching.levels import for_student
from tests.plugins.gradesheets import CHECKS, PARTS, SECRET, classroom, report, sheet

ALL_PASSED = dict.fromkeys((row[1] for row in CHECKS), Outcome.PASSED)
BELOW_FULL = ("none", "titles", "hints")


def sums(made: Report) -> dict[str, tuple[float, float, float, float]]:
    seen = shown_to_student(made, sheet(made).assignment, "en", "none")
    return {part.part.id: (part.earned, part.possible, part.pending, part.undecided) for part in seen.parts}


@pytest.mark.parametrize("level", BELOW_FULL)
def test_below_full_nothing_is_left_that_is_for_the_instructor(level):
    for made in classroom().submissions:
        left = for_student(replace(made, path=f"/inbox/secret place/{made.student}/ada.py"), level)
        assert SECRET not in repr(left)
        assert left.path == "ada.py"
        assert not any(check.diagnosis and check.diagnosis.misconception for check in left.checks)


def test_full_is_the_report_as_it_is():
    made = classroom().submissions[5]
    assert for_student(made, "full") is made


def test_titles_leave_of_a_check_its_title_points_and_outcome():
    made = report("ada", ALL_PASSED | {"conditions": Outcome.FAILED})
    (left,) = [check for check in for_student(made, "titles").checks if check.outcome is Outcome.FAILED]
    assert (left.title, left.points, left.earned) == ("The two conditions hold exactly where they should.", 6, 0)
    assert (left.message, left.detail, left.diagnosis) == ("", "", None)
    assert (left.asked, left.nearest) == ("", "")


def test_without_titles_the_points_of_each_part_are_what_they_are_with_them():
    for made in classroom().submissions:
        seen = shown(made, sheet(made).assignment, "en")
        assert sums(made) == {
            part.part.id: (part.earned, part.possible, part.pending, part.undecided) for part in seen.parts
        }


def test_points_that_wait_for_a_check_which_broke_stay_undecided_without_titles():
    drawn = ALL_PASSED | {"kw_path": Outcome.INVALID, "kw_order": Outcome.BLOCKED, "opt_gpu": Outcome.PENDING}
    found = sums(report("ada", drawn))
    assert found["kiefer_wolfowitz"] == (4, 20, 0, 16)
    assert found["optimizer"] == (24, 30, 6, 0)


@pytest.mark.parametrize("level", BELOW_FULL)
def test_what_stands_before_the_checks_is_the_same_at_every_level(level):
    for made in classroom().submissions:
        whole, seen = (f(made, sheet(made).assignment, "en").standing for f in (shown, shown_to_student))
        least = shown_to_student(made, sheet(made).assignment, "en", level).standing
        assert (least.earned, least.possible, least.pending, least.undecided) == (
            whole.earned, whole.possible, whole.pending, whole.undecided,
        )  # fmt: skip
        assert least.remarks == seen.remarks


def test_without_titles_no_check_and_no_step_is_put_into_words():
    made = report("ada", dict.fromkeys(ALL_PASSED, Outcome.FAILED))
    seen = shown_to_student(made, sheet(made).assignment, "en", "none")
    assert [part.title for part in seen.parts] == [part.title for part in PARTS]
    assert (seen.steps, seen.standing.label) == ((), "graded")
    assert not any(part.checks for part in seen.parts)


def test_a_check_of_no_declared_part_counts_without_its_title():
    stray = CheckResult("stray", "extra", "Stray.", 3, 3, Outcome.PASSED)
    assert sums(replace(report("ada", ALL_PASSED), checks=(stray,))) == {"extra": (3, 3, 0, 0)}
