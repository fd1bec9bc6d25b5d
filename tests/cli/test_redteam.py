"""`grader redteam`: what it prints, and that it ends with 1 where something got through."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.redteam import raid, traces
from grader.redteam.attack import chosen, corpus

TESTS = Path(__file__).parents[1]
HOLES = TESTS / "redteam/holes.py"


@pytest.fixture
def redteam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run the command in a copy of the tiny course, behind walls that have the hole that is named."""
    course = tmp_path / "course"
    shutil.copytree(TESTS / "tiny", course, ignore=shutil.ignore_patterns("conftest.py", "__pycache__"))
    monkeypatch.chdir(course)
    monkeypatch.setattr(traces, "PATIENCE_SECONDS", 0.2)

    def run(*words: str, code: int = 0, hole: str = "") -> Result:
        monkeypatch.setenv("BREACH", hole)
        result = CliRunner().invoke(main, ["redteam", *words, "-p", str(HOLES)], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def nothing_left(monkeypatch: pytest.MonkeyPatch):
    """Have a raid find these traces, whatever is there."""

    def leave(found: traces.Traces) -> None:
        class Watched:
            def __init__(self, *_: Path) -> None:
                pass

            def __enter__(self) -> traces.Traces:
                return found

            def __exit__(self, *_: object) -> None:
                pass

        monkeypatch.setattr(raid, "watched", Watched)

    return leave


def test_the_list_has_every_attack_and_what_it_tries_and_runs_none(redteam):
    told = redteam("--list").stdout
    assert "semantic  liar_zeros\n" in told
    assert all(one.name in told and one.tries in told for one in corpus())


def test_the_list_can_be_of_a_kind(redteam):
    told = redteam("--list", "--attack", "leakage").stdout
    kinds = {line.split()[0] for line in told.splitlines() if not line.startswith(" ")}
    assert kinds == {"leakage"}


def test_an_unknown_attack_ends_with_2_and_the_nearest(redteam):
    told = redteam("1", "--attack", "liar_zero", code=2).stderr
    assert "there is no attack 'liar_zero'" in told
    assert "did you mean liar_zeros" in told


def test_without_an_assignment_it_ends_with_2_and_says_what_to_name(redteam):
    assert "name an assignment, or ask for --list" in redteam(code=2).stderr


def test_walls_that_hold_end_with_0_and_three_sentences(redteam, nothing_left):
    nothing_left(traces.Traces())
    assert redteam("1", "--attack", "liar_zeros").stdout == (
        "1 attack on 01_tiny, each on the stub\n"
        "  semantic    1   none got through\n"
        "\n"
        "honest neighbours: all 2 graded as they would have been\n"
        "left behind: no process, no file\n"
    )


def test_a_kind_is_every_attack_of_it(redteam, nothing_left):
    nothing_left(traces.Traces())
    many = len(chosen(("leakage",)))
    told = redteam("tiny", "--attack", "leakage").stdout
    assert f"{many} attacks on 01_tiny" in told
    assert f"leakage  {many:4}   none got through" in told


def test_an_attack_that_earns_ends_with_1_and_is_told_with_its_checks_and_advice(redteam):
    told = redteam("1", "--attack", "liar_zeros", code=1, hole="earns").stdout
    assert "  semantic    1   1 got through\n" in told
    assert "liar_zeros (semantic): Answers zeros" in told
    assert "  earned 100 points; its honest work is worth 0\n    60  All of double.  [double]\n" in told
    assert "  try  ask it `after` a check of values" in told


def test_an_attack_that_reads_a_canary_ends_with_1_and_the_place(redteam):
    told = redteam("1", "--attack", "looks_around", code=1, hole="leaks").stdout
    assert "  read what is in: solutions\n" in told
    assert "CANARY" not in told


def test_an_attack_that_breaks_our_side_ends_with_1_and_the_reason(redteam):
    told = redteam("1", "--attack", "exits", code=1, hole="ours").stdout
    assert "the sandbox did not start\n" in told


def test_a_neighbour_that_came_to_harm_ends_with_1_and_what_it_lost(redteam):
    told = redteam("1", "--attack", "exits", code=1, hole="spoils").stdout
    assert "honest neighbours: 2 of 2 came to harm\n" in told
    assert "-neighbour: All of double. (failed), All of scale. (failed)\n" in told


def test_what_is_left_behind_ends_with_1_and_is_named(redteam, nothing_left):
    left = traces.Traces()
    left.processes = {4321: "sleep 60 "}
    left.files = [Path("/tmp/left")]
    nothing_left(left)
    told = redteam("1", "--attack", "exits", code=1).stdout
    assert told.endswith("left behind: process 4321 (sleep 60), /tmp/left\n")


def test_nothing_of_it_is_recorded(redteam, tmp_path):
    before = set((tmp_path / "course").rglob("*"))
    redteam("1", "--attack", "exits", code=1, hole="earns")
    assert set((tmp_path / "course").rglob("*")) == before
