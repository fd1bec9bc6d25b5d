"""What is collected as hidden checks, and how a run says that they cannot work."""

from __future__ import annotations

import pytest

import grader_local
from grader.errors import CheckDefect
from tests.referee.test_collection import CHECK, collected
from tests.referee.tiny import PREAMBLE, a_course, judged

SAME = CHECK.format(fixtures="same", body='same("double", T([1.0]))')


def test_checks_that_need_no_probe_need_no_probes(tmp_path):
    solution = a_course(tmp_path, SAME)
    (solution / "probes.py").unlink()
    own = solution / "test_hidden_own.py"
    own.write_text(PREAMBLE.replace("import probes, ", "import ") + SAME)
    assert judged(solution)["values"].outcome == "passed"


@pytest.mark.parametrize("words", ["5", "second=5", 'seconds=5, mem="1 GB"'])
def test_a_limit_that_is_none_is_refused(tmp_path, words):
    with pytest.raises(CheckDefect, match="limits has seconds and memory, by name"):
        collected(a_course(tmp_path, f"@pytest.mark.limits({words})\n{SAME}"))


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        pytest.param("check-defect: a\n  try  b", "check-defect: a\n  try  b", id="a step of its own"),
        pytest.param("a", "check-defect: a\n  try  run pytest on the solution folder", id="none"),
    ],
)
def test_a_run_says_once_what_the_referee_said(said, printed):
    assert str(grader_local._defect(said)) == printed
