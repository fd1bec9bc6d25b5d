import pytest

from grader.model import Part
from grader.referee.judge import selected
from grader.referee.suite import Check

CHECK = Check(
    name="step[sparse]",
    family="step",
    part=Part("adamw", "AdamW", 10),
    title="One step.",
    points=5,
    after=(),
    marks=frozenset({"check", "gpu"}),
    seconds=10,
    memory=None,
    shown=False,
)


@pytest.mark.parametrize("only", ["", "adamw", "step", "step[sparse]", "gpu", "decay\nstep[sparse]", "mean\ngpu"])
def test_a_check_is_asked_for_by_its_part_a_mark_its_name_or_any_line(only):
    assert selected(CHECK, only)


@pytest.mark.parametrize("only", ["mean", "step[dense]", "decay\nstep[dense]", "step[sparse", "\n"])
def test_and_by_nothing_else(only):
    assert not selected(CHECK, only)
