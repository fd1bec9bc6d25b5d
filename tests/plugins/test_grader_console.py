import io

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console

from grader.manager import build_manager
from grader.model import Gradesheet, Outcome, Tier
from grader.teaching.release import release
from grader_console import show
from tests.plugins.gradesheets import CHECKS, NAMES, classroom, report, sheet, unfinished

ALL_PASSED = dict.fromkeys((row[1] for row in CHECKS), Outcome.PASSED)


def terminal(gradesheet: Gradesheet, width: int, encoding: str = "utf-8") -> str:
    return shown(gradesheet, Console(file=screen(encoding), width=width, force_terminal=True, color_system=None))


def piped(gradesheet: Gradesheet, encoding: str = "utf-8") -> str:
    return shown(gradesheet, Console(file=screen(encoding), width=80))


def screen(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


def shown(gradesheet: Gradesheet, console: Console) -> str:
    show(gradesheet, console)
    console.file.seek(0)
    return console.file.read()


def one(student: str, language: str = "en") -> Gradesheet:
    whole = classroom(language)
    return replace(whole, submissions=tuple(r for r in whole.submissions if r.student == student))


def test_it_prints_when_a_run_has_finished(capsys):
    plugins = build_manager(defaults=["grader_console"], installed=False)
    plugins.hook.grader_run_finished(gradesheet=classroom())
    assert "40 submissions in 41.7 s; median 64" in capsys.readouterr().out


@pytest.mark.parametrize("width", [30, 50, 80, 100, 140, 300])
@pytest.mark.parametrize("gradesheet", [classroom(), one("ivan"), one("李雷", "zh")], ids=["class", "one", "chinese"])
def test_nothing_is_wider_than_the_terminal(gradesheet, width):
    assert max(map(cell_len, terminal(gradesheet, width).splitlines())) <= width


def test_a_wide_terminal_shows_the_parts():
    assert "2 Robbins–Monro iteration" in terminal(classroom(), 140)
    assert "Robbins–Monro" not in terminal(classroom(), 80)


def test_a_pipe_gets_a_plain_line_a_submission():
    lines = piped(classroom()).splitlines()
    assert sum(line.startswith(("ada ", "goro ", "王小明 ")) for line in lines) == 3
    assert len(lines) == 1 + 1 + len(NAMES) + 2  # title, head, rows, parts and sum
    assert not any(line.endswith(" ") for line in lines)
    assert "─" not in "".join(lines)


@pytest.mark.parametrize("gradesheet", [classroom(), one("ivan"), one("fatima")], ids=["class", "ivan", "fatima"])
@pytest.mark.parametrize("show_on", [piped, lambda gradesheet: terminal(gradesheet, 80)], ids=["pipe", "terminal"])
def test_what_a_student_wrote_cannot_command_the_terminal(gradesheet, show_on):
    odd = [
        replace(r, student="a\x1b]0;title\x07[red]b", reason="\x1b[2J", notes=("\x9b2J",))
        for r in gradesheet.submissions
    ]
    text = show_on(replace(gradesheet, submissions=tuple(odd)))
    assert not set("\x1b\x07\x9b") & set(text)
    assert "[red]b" in text or "…" in text


def test_one_submission_gets_a_page():
    text = piped(one("ivan"))
    assert "ivan  53/100; 10 of 19 checks passed; 6 waiting for a machine; −10 2 days late" in text
    assert "cell 7 raised NameError and was passed over" in text
    assert "    hint: g is positive when w is too large. Which way should w move?" in text
    assert text.rstrip().splitlines()[-3].strip().startswith("1. g is positive")


def test_a_check_that_broke_is_said_at_every_level_and_why_to_the_instructor():
    for level in ("none", "titles", "hints", "full"):
        text = piped(release(one("fatima"), level))
        assert "needs your attention: 1 check broke" in text
        assert ("Traceback" in text) == (level == "full")
        assert ("why: grader show 1 --feedback full" in text) == (level != "full")


def test_what_our_side_broke_is_never_a_zero():
    assert "eve  no grade yet" in piped(sheet(unfinished("eve")))
    row = next(line for line in piped(classroom()).splitlines() if line.startswith("hana"))
    assert row.split()[1] == "-"
    assert "needs your attention" in row


def test_what_could_not_be_loaded_says_why():
    assert "could not be loaded: stochastic.py has a syntax error in line 12" in piped(classroom())


def test_it_says_when_results_can_be_forged():
    assert "these results can be forged" in piped(classroom(sandbox="none"))
    assert "forged" not in piped(classroom())


def test_a_part_that_needs_a_gpu_is_marked():
    made = sheet(report("ada", ALL_PASSED))
    parts = tuple(replace(part, tier=Tier.GPU if part.id == "mean" else part.tier) for part in made.assignment.parts)
    shown = piped(replace(made, assignment=replace(made.assignment, parts=parts)))
    assert shown.count("(GPU)") == 1


def test_nothing_handed_in_is_said():
    assert "nothing was handed in" in piped(sheet())


@pytest.mark.parametrize("show_on", [piped, lambda *given: terminal(given[0], 80, given[1])], ids=["pipe", "terminal"])
def test_a_terminal_without_unicode_gets_other_marks(show_on):
    text = show_on(sheet(report("李雷", ALL_PASSED)), "latin-1")
    assert "??  120/100" in text
    assert "  + The estimate is the mean of what was seen." in text
