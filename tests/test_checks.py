"""What a course author imports."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from grader.checks import CheckFailed, Misconception, assert_close, check, misconception, require


def marks(function):
    return [mark for mark in function.pytestmark if mark.name == "check"]


def test_check_is_a_mark_of_pytest():
    @check("mean", points=3)
    def test_a():
        """A."""

    (mark,) = marks(test_a)
    assert mark.kwargs == {"part": "mean", "points": 3.0, "after": ()}
    assert test_a.__name__ == "test_a"


def before():
    """Another check."""


@pytest.mark.parametrize(
    ("after", "kept"),
    [("values", ("values",)), (before, (before,)), ((before, "values"), (before, "values")), ([], ())],
    ids=["a name", "a function", "several", "none"],
)
def test_after_is_a_name_or_a_check_or_several(after, kept):
    @check("mean", points=1, after=after)
    def test_a():
        """A."""

    assert marks(test_a)[0].kwargs["after"] == kept


@pytest.mark.parametrize("fails", ["values", ["values"]], ids=["a name", "a list"])
def test_a_misconception_keeps_what_it_replaces(fails):
    @misconception(replaces="Mean.update", hint="Count from 1.", fails=fails)
    def counts_from_zero(self, x):
        return x

    known = counts_from_zero.__misconception__
    assert known == Misconception("counts_from_zero", "Mean.update", "Count from 1.", ("values",), counts_from_zero)
    assert counts_from_zero(None, 3) == 3


def test_require_fails_with_the_sentence_that_the_student_reads():
    require(torch.tensor(True), "never said")
    with pytest.raises(CheckFailed, match=r"^the state has no step$"):
        require([], "the state has no step")


def test_assert_close_names_what_differs_and_shows_no_value():
    assert_close([torch.ones(3)], [torch.ones(3)])
    with pytest.raises(CheckFailed, match=r"^the mean is smaller than expected$"):
        assert_close(1.0, 12345.5, name="the mean")
    assert_close(1.0, 1.01, rtol=0.1)
    assert_close(0.0, 0.01, atol=0.1)


def test_importing_it_does_not_import_torch():
    code = "import sys, grader.checks; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
