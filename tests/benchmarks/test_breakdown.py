from __future__ import annotations

import pytest

from benchmarks.breakdown import read

LOG = """start: zygote\t3.0
candidates\t0.02
candidates\t0.04
loaders\t0.03
keepers with all inside\t0.10
referees\t0.05
"""


def test_adds_up_each_role():
    found = read(LOG, 1, 3.2)
    assert (found.start, found.count["candidates"]) == ({"zygote": 3.0}, 2)
    assert found.work["candidates"] == pytest.approx(0.06)


def test_takes_from_the_keepers_what_they_waited_for():
    assert read(LOG, 1, 3.2).work["keepers"] == pytest.approx(0.01)


def test_says_how_much_is_in_no_row():
    assert read(LOG, 1, 3.2).unexplained == pytest.approx(0.05)
