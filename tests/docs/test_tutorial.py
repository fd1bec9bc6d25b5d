"""docs/tutorial.md: every file in it is written and every command in it is run, in its order, in an empty folder."""

import shutil
from pathlib import Path

import pytest

from grader.cli import COMMANDS

from .walkthrough import Command, File, alike, steps, walk

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
COMMANDS_SHOWN = [step.line for step in steps(PAGE) if isinstance(step, Command)]


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_whoever_types_along_sees_what_the_page_shows(tmp_path):
    for step, found in walk(PAGE, tmp_path):
        assert alike(step.printed, found), f"$ {step.line}\n{found}"


def test_it_goes_from_nothing_to_a_graded_class():
    assert COMMANDS_SHOWN[0].startswith("grader new ")
    assert {words.split()[1] for words in COMMANDS_SHOWN if words.startswith("grader ")} >= {
        "new",
        "build",
        "validate",
        "release",
        "run",
    }
    assert COMMANDS_SHOWN[-1].startswith("grader run ")


@pytest.mark.parametrize("name", ["build", "validate", "release", "run"])
def test_the_commands_of_the_tutorial_are_there(name):
    assert name in COMMANDS


@pytest.mark.parametrize("mark", ["mark.ddp(nprocs=2)", "mark.gpu(", "@misconception(", "mark.careless("])
def test_what_an_author_may_want_to_write_is_shown(mark):
    assert any(mark in step.text for step in steps(PAGE) if isinstance(step, File))
