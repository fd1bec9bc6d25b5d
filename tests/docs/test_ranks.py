"""docs/ranks.md: its sentences are those that students read, and its example is Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from grader.referee.faults import from_reply
from grader.referee.respondent import MOST_RANKS, Respondent, Same
from grader.wire.protocol import Halted, Place

PAGE = (Path(__file__).parents[2] / "docs" / "ranks.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| [^|]+ \| `([^`]+)` \| (\w+) \|$", PAGE, re.MULTILINE)


def at(line: int) -> str:
    return f"ddp_lab.py, line {line}"


HALTED = [
    Halted("raised", Place(1, "raised", where=at(12)), (Place(0, "works"),), ("ValueError",)),
    Halted("raised", Place(0, "raised", where=at(12)), (Place(1, "raised", where=at(12)),), ("KeyError",)),
    Halted("ended", Place(1, "ended"), (Place(0, "works"),), status=3 << 8),
    Halted(
        "mismatch",
        Place(1, "raised", "all_reduce", at(31), (4,), "float32"),
        (Place(0, "raised", "all_reduce", at(31), (8,), "float32"),),
    ),
    Halted("stuck", Place(0, "waits", "all_reduce", at(50)), (Place(1, "answered"),)),
    Halted("stuck", Place(1, "works", where=at(20)), (Place(0, "waits", "all_reduce", at(33)),)),
]


@pytest.mark.parametrize(("row", "halted"), [*zip(ROWS, HALTED, strict=True)], ids=lambda value: str(value)[:40])
def test_a_sentence_is_the_one_that_students_read(row, halted):
    fault = from_reply(halted, "it")
    assert row == (fault.message, fault.outcome.value)


def test_the_example_is_python_and_its_calls_are_there():
    (source,) = re.findall(r"^```python\n(.+?)^```", PAGE, re.DOTALL | re.MULTILINE)
    ast.parse(source)
    assert hasattr(Same, "launch")
    assert hasattr(Respondent, "launch")


def test_how_many_ranks_there_may_be_is_said():
    assert f"1 to {MOST_RANKS}" in PAGE
