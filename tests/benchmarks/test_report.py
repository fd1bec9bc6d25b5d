from __future__ import annotations

import io

import pytest
from msgspec.structs import replace
from rich.console import Console

from benchmarks.cost import MB, Cost
from benchmarks.report import Measured, Target, show, targets
from benchmarks.runs import Run


def run(size: int, cpu: float, seconds: float = 1.0, main: int = 0, everything: int = 0) -> Run:
    return Run(size, Cost(cpu, seconds, main, everything), {})


MEASURED = Measured(
    {},
    grader=[run(40, 10.0)],
    few=[run(8, 6.8)],
    two_jobs=[run(40, 12.0)],
    fork=[run(40, 1.0)],
    huge_pages=[run(40, 0.8)],
    no_fork=[run(40, 0.2)],
    smaller=run(50, 12.0, 20.0, 50 * MB, 500 * MB),
    bigger=run(200, 30.0, 60.0, 51 * MB, 800 * MB),
    nbgrader=run(40, 160.0),
    otter=run(5, 35.0),
)


def test_one_more_submission_costs_what_the_class_costs_beyond_a_small_class():
    assert MEASURED.started == pytest.approx((10.0 - 6.8) / 32)


def test_the_grader_is_held_to_the_better_peer_with_its_start_up():
    found = targets(MEASURED)[0]
    assert (found.what, found.value, found.met) == (
        "less CPU than nbgrader autograde, start-up included",
        pytest.approx(4.0 / 0.25),
        False,
    )


def test_the_grader_is_held_to_the_bare_work_without_its_start_up():
    found = targets(MEASURED)[1]
    assert (found.value, found.met) == (pytest.approx(0.1 / 0.025), True)


def test_a_smaller_class_is_held_to_a_part_of_the_time():
    quick = replace(MEASURED, bigger=replace(MEASURED.bigger, size=50))
    assert [t.bound for t in targets(quick) if "two cores" in t.what] == [30.0]


def test_memory_that_grows_with_the_class_misses_its_target():
    assert [target.met for target in targets(MEASURED)[-2:]] == [True, False]


def test_without_peers_there_is_nothing_to_be_held_to():
    alone = replace(MEASURED, nbgrader=None, otter=None)
    assert not any("less CPU" in target.what for target in targets(alone))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        pytest.param(Target("work", 3.0, 4, "x"), "work: 3x (at most 4x): met", id="met"),
        pytest.param(Target("work", 6.0, 4, "x"), "work: 6x (at most 4x): MISSED by a factor of 1.50", id="too much"),
        pytest.param(
            Target("less", 16.0, 20, "x", least=True),
            "less: 16x (at least 20x): MISSED by a factor of 1.25",
            id="too little",
        ),
    ],
)
def test_a_target_says_by_how_much_it_is_missed(target, said):
    assert str(target) == said


def test_the_table_has_a_row_for_everything_that_was_measured():
    console = Console(file=io.StringIO(), width=160)
    show(console, MEASURED)
    text = console.file.getvalue()
    for name in ("nbgrader autograde", "otter run", "grader run --jobs 1", "grader run --jobs 2", "no forks"):
        assert name in text
