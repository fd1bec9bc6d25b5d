"""The cost of the diagnosis is measured on the same work with and without it."""

from __future__ import annotations

import io
import json
import shutil

import pytest
from rich.console import Console

from benchmarks.cost import Cost, cost_of
from benchmarks.diagnosis import CLASS, ROOT, STUB, WITHOUT, Diagnosed, measure, show
from benchmarks.runs import GRADER, Run


def run(size: int, cpu: float, points: float = 1.0) -> Run:
    return Run(size, Cost(cpu, 1.0), {"ada": points})


MEASURED = Diagnosed(
    start=[run(1, 6.0), run(1, 7.0)], without=[run(11, 16.0), run(11, 17.0)], whole=[run(11, 18.0), run(11, 20.0)]
)


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_without_it_nothing_is_diagnosed_and_all_else_is_the_same(tmp_path):
    def checks(program):
        report = tmp_path / "report.json"
        options = ["--seed", "7", "--fresh", "--quiet", "--db", f"sqlite:///{tmp_path}/g.sqlite", "--only", "mean"]
        asked = ["--course", ROOT, "run", "3", CLASS / "emeka.py", *options, "--report", f"json={report}"]
        cost_of([*program, *asked])
        (submission,) = json.loads(report.read_bytes())["submissions"]
        return submission["checks"]

    whole, without = checks([GRADER]), checks(WITHOUT)
    assert {check["diagnosis"]["misconception"] for check in whole if check["diagnosis"]} == {"StepOneOverKPlusOne"}
    assert not any(check["diagnosis"] or check["nearest"] for check in without)
    assert [(c["name"], c["outcome"], c["message"]) for c in whole] == [
        (c["name"], c["outcome"], c["message"]) for c in without
    ]


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_a_round_grades_a_stub_and_the_class_twice(tmp_path):
    small = tmp_path / "class"
    small.mkdir()
    for name in ("fatima.py", "emeka.py"):
        shutil.copy(CLASS / name, small)
    measured = measure(tmp_path, 1, inbox=small, stub=STUB)
    assert [runs[0].size for runs in (measured.start, measured.without, measured.whole)] == [1, 2, 2]
    assert measured.same


def test_the_start_of_a_run_is_no_part_of_the_ratio():
    assert MEASURED.cpu(MEASURED.whole) == pytest.approx([1.2, 1.3])
    assert MEASURED.ratio == pytest.approx(1.25)


def test_the_table_says_the_ratio_and_other_points():
    file = io.StringIO()
    show(Console(file=file, width=120), MEASURED)
    assert "takes 1.25 times the CPU" in file.getvalue()
    assert "different points" not in file.getvalue()
    show(Console(file=file, width=120), Diagnosed(MEASURED.start, MEASURED.without, [run(11, 18.0, 2.0)] * 2))
    assert "the runs gave different points" in file.getvalue()
