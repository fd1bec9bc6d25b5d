"""A soak can fail: whatever leaks is seen, and so is every result that is not what it must be."""

from __future__ import annotations

import io

import pytest
from msgspec.structs import replace
from rich.console import Console

from benchmarks.crowd import Crowd
from benchmarks.look import Look
from benchmarks.mistakes import miscounted, mistakes
from benchmarks.soak import BOUNDS, KB, Soaked, show, slope
from grader.gradebook import open_gradebook
from grader.model import AssignmentSummary, CheckResult, Gradesheet, Outcome, Report, Status

CROWD = Crowd({"ada": 100.0}, {"eve": 40.0})
ADA = Report(
    "ada",
    "everyone/ada.py",
    Status.GRADED,
    100,
    0,
    100,
    checks=(CheckResult("values", "double", "Twice.", 100, 100, Outcome.PASSED, seconds=0.1),),
)
EVE = Report("eve", "everyone/eve.py", Status.GRADED, 40, 0, 100)


def looks(processes: tuple[int, ...], kilobytes: tuple[int, ...]) -> tuple[Look, ...]:
    """Return a look after each ten submissions; memory is the main process's, the others hold still."""
    return tuple(
        Look(10 * number, dict.fromkeys(BOUNDS, 9 * KB) | {"main process": size * KB}, {"processes": there}, 0)
        for number, (there, size) in enumerate(zip(processes, kilobytes, strict=True), 1)
    )


def soaked(processes: tuple[int, ...] = (3, 3, 3, 3), kilobytes: tuple[int, ...] = (0, 100, 200, 300)) -> Soaked:
    return Soaked(50, 5, 1.0, looks(processes, kilobytes), (), ())


def sheet(*reports: Report) -> Gradesheet:
    return Gradesheet(AssignmentSummary("01", "Tiny", "", 100, ()), reports, None, 1.0, "bwrap")  # type: ignore[arg-type]


def wrong(*everyone: Report, alone: Report = ADA) -> list[str]:
    return list(mistakes(CROWD, sheet(*everyone), sheet(alone)))


# ---- leaks -----------------------------------------------------------------------------------------------------


def test_a_count_that_changes_is_a_leak():
    assert soaked(processes=(3, 3, 4, 4)).problems == ["processes changed: 3, 3, 4, 4"]


def test_counts_that_never_change_are_none():
    assert soaked().problems == []


def test_what_was_there_before_the_run_was_warm_does_not_count():
    early = Look(1, dict.fromkeys(BOUNDS, 10**9), {"processes": 7}, 0)
    assert replace(soaked(), looks=(early, *soaked().looks)).problems == []


def test_memory_that_grows_by_more_than_its_bound_is_a_leak():
    more = BOUNDS["main process"] * 10 + 10
    found = soaked(kilobytes=(0, more, 2 * more, 3 * more))
    assert found.problems == ["the memory of the main process grows by 21.0 KB a submission"]


def test_what_is_left_behind_and_what_is_wrong_are_said():
    found = replace(soaked(), left=("process 7",), wrong=("ada has 0 points",))
    assert found.problems == ["ada has 0 points", "left behind: process 7"]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param([(0, 5), (1, 7), (2, 9)], 2.0, id="a line"),
        pytest.param([(0, 0), (1, 3), (2, 0)], 0.0, id="a bump"),
        pytest.param([(1, 3)], 0.0, id="one point"),
    ],
)
def test_the_slope_is_that_of_the_best_line(points, expected):
    assert slope(points) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param(soaked(), "nothing leaked, and every result is right", id="tight"),
        pytest.param(soaked(processes=(3, 3, 3, 4)), "processes changed: 3, 3, 3, 4", id="leaks"),
    ],
)
def test_the_table_is_followed_by_what_was_found(found, said):
    console = Console(file=io.StringIO(), width=120)
    show(console, found)
    text = console.file.getvalue()
    assert text.endswith(f"{said}\n")
    assert "memory of the zygote" in text
    assert "10.00 KB" in text  # a submission, of the main process


# ---- results ---------------------------------------------------------------------------------------------------


def test_results_as_they_must_be_are_not_mentioned():
    assert wrong(ADA, EVE) == []


def test_an_honest_student_with_other_points_is_named():
    less = replace(ADA, earned=60.0)
    assert wrong(less, alone=less) == ["ada has 60 points: "]


def test_an_honest_student_who_was_graded_otherwise_alone_is_named():
    slower = replace(ADA, checks=(replace(ADA.checks[0], message="took longer than 3 s"),))
    assert wrong(slower) == ["ada was graded otherwise where nobody disturbed: "]


def test_how_long_it_took_is_no_difference():
    assert (
        wrong(replace(ADA, path="elsewhere", seconds=9.0, attempt=7, checks=(replace(ADA.checks[0], seconds=8.0),)))
        == []
    )


def test_an_attack_that_earned_more_than_its_honest_work_is_named():
    assert wrong(ADA, replace(EVE, earned=41.0)) == ["eve has 41 points and is graded: "]


def test_an_attack_that_broke_our_side_is_named():
    broken = replace(EVE, status=Status.UNFINISHED, earned=0.0, reason="the referee broke")
    assert wrong(ADA, broken) == ["eve has 0 points and is unfinished: the referee broke"]


def test_one_who_was_not_executed_is_named():
    assert wrong(replace(ADA, regraded=False), alone=replace(ADA, regraded=False)) == ["ada was not executed"]


def test_a_student_without_exactly_one_attempt_is_named(tmp_path):
    with open_gradebook(tmp_path / "book.sqlite") as gradebook:
        for report in (ADA, replace(ADA, digest="another"), replace(EVE, student="mallory")):
            gradebook.record(report, None, assignment="01", key="", seed=b"")
    assert sorted(miscounted(CROWD, tmp_path / "book.sqlite")) == [
        "ada has 2 attempts",
        "eve has 0 attempts",
    ]
