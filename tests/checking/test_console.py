from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from rich.console import Console

from grader.checking.console import show
from grader.checking.page import as_html, as_text
from grader.checking.results import Place, PublicCheck, PublicRun
from grader.model import Assignment, Outcome, Part

PARTS = (Part("double", "Doubling", 60), Part("scale", "Scaling", 40))
ASSIGNMENT = Assignment("01_tiny", 1, "tiny", "Tiny", "tiny", PARTS, Path())
WRONG = PublicCheck(
    "double",
    "Twice [a] number",
    1,
    Outcome.FAILED,
    message="should be <2>",
    detail="where 3 = double(1)",
    case="[0]",
    student=Place("tiny.py, line 3", "def double(x):"),
    check=Place("test_public.py, line 9", "assert " + "x" * 200),
    printed="\n".join(f"line {n}" for n in range(20)),
    step="compare with README.md, part 1",
)
RIGHT = PublicCheck("shape", "Keeps the shape", 1, Outcome.PASSED)
OPEN = PublicCheck("scale", "Scales", 2, Outcome.NOT_ATTEMPTED, message="NotImplementedError: scale")
OTHER = PublicCheck("other", "Imports", 0, Outcome.PENDING, message="needs a GPU")


def run(*checks, **more):
    return PublicRun(ASSIGNMENT, "tiny.py", checks, **more)


def test_checks_stand_under_their_part_with_how_many_passed():
    text = as_text(run(OTHER, OPEN, WRONG, RIGHT))
    assert [line for line in text.splitlines() if line and not line.startswith(" ")] == [
        "Part 1: Doubling  1 of 2",
        "Part 2: Scaling  not attempted yet (1 check)",
        "Other checks  0 of 1",
        "1 of 4 passed, 1 failed, 1 not attempted yet, 1 not run on this machine",
    ]


def test_a_failure_is_told_with_why_where_and_what_to_try():
    text = as_text(run(WRONG))
    for line in (
        "  ✗ Twice [a] number  [[0]]",
        "      should be <2>",
        "      where 3 = double(1)",
        "      in   tiny.py, line 3: def double(x):",
        "      try  compare with README.md, part 1",
        "        line 19",
    ):
        assert line in text.splitlines()
    assert "line 9: assert " + "x" * 93 + " ..." in text
    assert "line 9\n" not in text


def test_what_is_not_attempted_is_one_line():
    assert [line for line in as_text(run(OPEN)).splitlines() if line.startswith(" ")] == [
        "  ○ Scales  not attempted yet"
    ]


def test_notes_come_first_and_a_stop_last():
    text = as_text(run(RIGHT, notes=("cell 3 raised",), stopped="Scales", stopped_at=Place("tiny.py, line 4", "f()")))
    assert text.startswith("note: cell 3 raised\n")
    assert text.endswith("stopped while this check was running: Scales, at tiny.py, line 4: f()\n")


def test_a_stop_before_anything_was_finished_is_told_so():
    assert "nothing was finished" in as_text(run(stopped="Scales"))


def test_all_passed_reminds_that_there_is_more():
    assert "the hidden ones ask for more" in as_text(run(RIGHT))
    assert "the hidden ones ask for more" not in as_text(run(RIGHT, OPEN))


def test_a_terminal_without_unicode_gets_plain_signs():
    file = TextIOWrapper(BytesIO(), encoding="cp1252", errors="replace")
    show(run(RIGHT, WRONG, OPEN), Console(file=file, highlight=False))
    file.flush()
    text = file.buffer.getvalue().decode("cp1252")
    assert "  ok Keeps the shape" in text
    assert "  x Twice" in text
    assert "  -- Scales" in text


def test_a_terminal_gets_colours():
    file = StringIO()
    show(run(RIGHT), Console(file=file, force_terminal=True, color_system="standard"))
    assert "\x1b[32m✓\x1b[0m" in file.getvalue()


@pytest.mark.parametrize(
    "said", ["Twice [a] number", "should be &lt;2&gt;", "where 3 = double(1)", "line 19", "✗", "○"]
)
def test_a_notebook_shows_the_same_escaped(said):
    html = as_html(run(WRONG, RIGHT, OPEN, stopped="Scales"))
    assert said in html
    assert "stopped while this check was running" in html
    assert "NotImplementedError" not in html
