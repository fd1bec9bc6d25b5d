"""What each level of feedback shows, in each report: the table of docs/report.md, looked up with canaries."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from grader.manager import build_manager
from grader.model import CheckResult, Diagnosis, Gradesheet, Growth, Outcome, Section, Status
from grader.teaching.phrases import OUTCOMES
from grader.teaching.release import release
from tests.plugins.gradesheets import CHECKS, PARTS, report, sheet
from tests.plugins.test_grader_console import piped

PAGE = (Path(__file__).parents[2] / "docs/report.md").read_text(encoding="utf-8")
LEVELS = ("none", "titles", "hints", "full")
FAILED = CheckResult(
    name="canary",
    part="mean",
    title="TITLE-CANARY",
    points=6,
    earned=0,
    outcome=Outcome.FAILED,
    message="MESSAGE-CANARY",
    diagnosis=Diagnosis("MISCONCEPTION-CANARY", "HINT-CANARY"),
    detail="DETAIL-CANARY",
    asked="ASKED-CANARY",
    nearest="NEAREST-CANARY",
    growths=(Growth("GROWTH-CANARY", (1, 2), (1, 2), 1.0, 1.2),),
)
HANDOUT = Section("mean", "en", "README.md", "HANDOUT-CANARY")
PASSED = CheckResult("good", "mean", "PASSED-CANARY", 4, 4, Outcome.PASSED)
CANARIES = {
    "notes": "NOTE-CANARY",
    "titles": "TITLE-CANARY",
    "printed": "OUTPUT-CANARY",
    "asked": "ASKED-CANARY",
    "message": "MESSAGE-CANARY",
    "hint": "HINT-CANARY",
    "handout": "HANDOUT-CANARY",
    "misconception": "MISCONCEPTION-CANARY",
    "nearest": "NEAREST-CANARY",
    "detail": "DETAIL-CANARY",
    "growth": "GROWTH-CANARY",
}


def canaries(language: str = "en") -> Gradesheet:
    """A gradesheet of one submission with a canary in each field that somebody could read."""
    made = report("ada", dict.fromkeys((row[1] for row in CHECKS), Outcome.PASSED))
    changed = replace(made, earned=4, checks=(PASSED, FAILED), notes=("NOTE-CANARY",), output="OUTPUT-CANARY")
    made = sheet(changed, language=language)
    return replace(made, assignment=replace(made.assignment, sections=(HANDOUT,)))


def page(name: str) -> Callable[[Gradesheet, Path], str]:
    def read(gradesheet: Gradesheet, folder: Path) -> str:
        plugins = build_manager(defaults=["grader_html"], installed=False)
        plugins.hook.grader_write_report(kind="html", destination=folder, gradesheet=gradesheet)
        return (folder / name).read_text(encoding="utf-8")

    return read


def file(kind: str) -> Callable[[Gradesheet, Path], str]:
    def read(gradesheet: Gradesheet, folder: Path) -> str:
        plugins = build_manager(defaults=[f"grader_{kind}"], installed=False)
        plugins.hook.grader_write_report(kind=kind, destination=folder / kind, gradesheet=gradesheet)
        return (folder / kind).read_text(encoding="utf-8")

    return read


READERS = {
    "students/": page("students/ada.html"),
    "console": lambda gradesheet, folder: piped(gradesheet),
    "JUnit": file("junit"),
    "instructor/": page("instructor/ada.html"),
    "index.html": page("index.html"),
    "JSON": file("json"),
    "CSV": file("csv"),
}
FOR_STUDENTS = ("students/", "console", "JUnit")


def table() -> dict[tuple[str, str], set[str]]:
    """Read the table of the page: the fields that a report shows at a level."""
    rows = re.findall(r"^\| (\w+) \|((?: (?:yes|–|all|none|titles|hints|full)[^|]* \|){7})$", PAGE, re.MULTILINE)
    found: dict[tuple[str, str], set[str]] = {(name, level): set() for name in READERS for level in LEVELS}
    for field, cells in rows:
        for name, cell in zip(READERS, cells.split("|"), strict=False):
            first = cell.strip()
            levels = LEVELS if first == "all" else LEVELS[LEVELS.index(first) :] if first in LEVELS else ()
            for level in levels:
                found[name, level].add(field)
    return found


TABLE = table()


def test_the_page_has_a_row_for_each_canary():
    assert set().union(*TABLE.values()) == set(CANARIES)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("reader", READERS)
def test_a_report_shows_at_each_level_what_the_page_says(tmp_path, reader, level, language):
    text = READERS[reader](release(canaries(language), level), tmp_path)
    assert {field for field, canary in CANARIES.items() if canary in text} == TABLE[reader, level]


@pytest.mark.parametrize("reader", FOR_STUDENTS)
def test_without_a_level_it_is_that_of_hints(tmp_path, reader):
    said = READERS[reader](canaries(), tmp_path / "plain")
    assert said == READERS[reader](release(canaries(), "hints"), tmp_path / "hints")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("reader", FOR_STUDENTS)
def test_how_a_check_ended_is_said_with_its_title_and_what_to_try_with_hints(tmp_path, reader, level):
    checks = (replace(FAILED, diagnosis=None, message=""),)
    plain = canaries()
    one = replace(plain, submissions=tuple(replace(r, checks=checks, earned=0) for r in plain.submissions))
    text = READERS[reader](release(one, level), tmp_path)
    (label, _), (says, _), (advice, _) = OUTCOMES["failed"]
    assert (label in text, says in text, advice in text) == {
        "none": (False, False, False),
        "titles": (True, False, False),
        "hints": (True, True, True),
        "full": (True, True, True),
    }[level]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("reader", FOR_STUDENTS)
def test_at_every_level_the_points_of_each_part_can_be_read(tmp_path, reader, level):
    text = READERS[reader](release(canaries(), level), tmp_path)
    mean = PARTS[0].title
    if reader == "JUnit" and level != "none":
        assert 'name="earned" value="4"' in text  # there a part is its checks
        return
    after = re.sub(r"<[^>]+>", "", text[text.index(mean if reader != "JUnit" else f'name="{mean}"') :])
    assert re.search(r"4\s*/\s*10", after if reader != "JUnit" else text)


@pytest.mark.parametrize("reader", FOR_STUDENTS)
def test_without_titles_nothing_tells_how_many_checks_there_are(tmp_path, reader):
    plain = canaries()
    split = (PASSED, replace(FAILED, points=2), replace(FAILED, name="two", points=4, outcome=Outcome.ERROR))
    other = replace(plain, submissions=tuple(replace(r, checks=split) for r in plain.submissions))
    one, two = (READERS[reader](release(s, "none"), tmp_path / str(n)) for n, s in enumerate((plain, other)))
    assert one == two


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("reader", FOR_STUDENTS)
def test_why_it_could_not_be_loaded_is_said_at_every_level(tmp_path, reader, level):
    plain = canaries()
    lost = replace(plain.submissions[0], status=Status.UNGRADABLE, reason="REASON-CANARY", checks=(), earned=0)
    assert "REASON-CANARY" in READERS[reader](release(replace(plain, submissions=(lost,)), level), tmp_path)


@pytest.mark.parametrize(("language", "said"), [("en", "not for release"), ("zh", "不得发布")])
@pytest.mark.parametrize("reader", ["students/", "console"])
def test_what_is_for_the_instructor_says_so_where_a_student_could_read_it(tmp_path, reader, language, said):
    for level in LEVELS:
        text = READERS[reader](release(canaries(language), level), tmp_path)
        assert (said in text) == (level == "full")
