"""`grader redteam`: what it prints, and what it exits with."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.redteam.attack import corpus

TINY = Path(__file__).parents[1] / "tiny"
WEAK = '''"""A check that an answer of zeros passes."""

import torch

from grader.checks import check


@check("double", points=60)
def test_nothing(same):
    """Nothing, doubled, is nothing."""
    same("double", torch.zeros(3))
'''


def redteam(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    grader = str(Path(sys.executable).with_name("grader"))
    command = [grader, "--course", str(course), "redteam", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    shutil.copytree(TINY, tmp_path / "course")
    return tmp_path / "course"


def test_says_that_nothing_got_through(course: Path):
    done = redteam(course, "1", "--attack", "liar_zeros", "--attack", "exits")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 attacks on 01_tiny" in done.stdout
    assert done.stdout.count("none got through") == 2
    assert "left behind: no process, no file" in done.stdout
    assert not (course / "gradebook.sqlite").exists()


def test_names_the_check_that_a_liar_passes(course: Path):
    (course / "solutions/01_tiny/test_hidden_double.py").write_text(WEAK)
    done = redteam(course, "1", "--attack", "liar_zeros")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 got through" in done.stdout
    assert "earned 60 points; its honest work is worth 0" in done.stdout
    assert "Nothing, doubled, is nothing.  [nothing]" in done.stdout
    assert "  try  " in done.stdout


def test_lists_what_each_attack_tries():
    done = CliRunner().invoke(main, ["redteam", "--list"])
    assert done.exit_code == 0
    assert all(attack.name in done.output and attack.tries in done.output for attack in corpus())


def test_a_misspelt_attack_gets_the_nearest():
    done = CliRunner().invoke(main, ["redteam", "--list", "--attack", "liar_zero"])
    assert done.exit_code == 2
    assert "did you mean liar_zeros" in done.output


def test_an_assignment_must_be_named():
    done = CliRunner().invoke(main, ["redteam"])
    assert done.exit_code == 2
    assert "name an assignment" in done.output
