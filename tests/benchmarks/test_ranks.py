"""The benchmark of launches measures, and says what it measured in ratios."""

from __future__ import annotations

import io

from rich.console import Console

from benchmarks.ranks import KINDS, TARGET, Cost, measure, show
from grader.model import MB


def test_a_launch_takes_more_than_a_call_in_every_respect():
    call, launch, *_ = (costs[0] for costs in measure(1, KINDS[:2]).values())
    assert launch.cpu_seconds > call.cpu_seconds
    assert launch.threads > call.threads


def test_the_table_compares_with_a_call():
    costs = {kind.name: [Cost(0.02 * (n + 1), 0.01, 30 * MB, 9, 20)] for n, kind in enumerate(KINDS)}
    file = io.StringIO()
    show(Console(file=file, width=150), costs)
    assert [line.split("│")[3].strip() for line in file.getvalue().splitlines() if "ranks, " in line] == [
        "2.0", "3.0", "4.0", "5.0",
    ]  # fmt: skip
    assert f"in 0.06 s; the target is {TARGET} s" in file.getvalue()
