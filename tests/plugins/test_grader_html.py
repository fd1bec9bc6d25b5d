import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec.structs import replace

from grader.errors import ReportError
from grader.manager import build_manager
from grader.model import Gradesheet, Outcome
from tests.plugins.gradesheets import CHECKS, HINTS, NAMES, SECRET, check, classroom, report, sheet, unfinished

ALL_PASSED = dict.fromkeys((row[1] for row in CHECKS), Outcome.PASSED)
VOID = {"meta", "input", "br", "link", "img", "hr"}


class Page(HTMLParser):
    """A page that was read: its text, its tags, what it points to, and whether every tag was closed."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.open: list[str] = []
        self.tags: list[str] = []
        self.targets: list[str] = []
        self.words: list[str] = []
        self.feed(source)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [value or "" for name, value in attrs if name in ("href", "src", "action", "srcset")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)


def written(folder: Path, gradesheet: Gradesheet) -> list[Path]:
    plugins = build_manager(defaults=["grader_html"], installed=False)
    return list(plugins.hook.grader_write_report(kind="html", destination=folder, gradesheet=gradesheet))


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    written(folder, classroom())
    return folder


def read(path: Path) -> Page:
    page = Page(path.read_text(encoding="utf-8"))
    assert page.open == []
    return page


def alone(folder: Path, gradesheet: Gradesheet) -> Page:
    """The student's page of a gradesheet with one submission."""
    return read(written(folder, gradesheet)[1])


def test_the_page_to_open_first_comes_first(tmp_path):
    paths = written(tmp_path / "new" / "site", classroom())
    assert paths[0] == tmp_path / "new" / "site" / "index.html"
    assert all(path.is_file() for path in paths)


def test_every_student_has_two_pages_inside_the_folder_whatever_their_name(site):
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert len(files) == 2 * len(NAMES) + 1
    assert {name.split("/")[0] for name in files} == {"index.html", "students", "instructor"}


def test_the_class_table_links_every_student(site):
    targets = read(site / "index.html").targets
    assert len({target for target in targets if target.startswith("instructor/")}) == len(NAMES)


def test_every_link_leads_to_a_page(site):
    from urllib.parse import unquote

    for path in site.rglob("*.html"):
        for target in read(path).targets:
            assert target.startswith("#i-") or (path.parent / unquote(target)).resolve().is_file()


def test_a_students_page_is_complete_in_itself(site):
    for path in (site / "students").iterdir():
        page = read(path)
        assert all(target.startswith("#") for target in page.targets)
        assert "script" not in page.tags
        assert not re.search(r"url\(|@import", page.source)


def test_a_students_page_shows_nothing_that_is_not_theirs(site):
    wrong_ideas = [f">{misconception[0]}<" for misconception in HINTS.values()]
    for path in (site / "students").iterdir():
        page = read(path)
        assert SECRET not in page.source
        assert "Median" not in page.text
        assert "instructor/" not in page.source
        assert not any(idea in page.source for idea in wrong_ideas)
        others = [name for name in ("Ada Lovelace", "dmitri", "韩梅梅", "wanjiru") if name in page.text]
        assert len(others) <= 1


def test_the_instructor_sees_details_and_the_names_of_misconceptions(site):
    page = read(site / "instructor" / "ivan.html")
    assert SECRET in page.text
    assert "Misconception: sign" in page.text


def test_names_are_text_and_never_markup(site):
    page = read(site / "index.html")
    assert page.tags.count("script") == 1
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text


def test_only_its_own_script_may_run(site):
    source = read(site / "index.html").source
    script = re.search(r"<script>(.*?)</script>", source, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in source


def test_what_a_module_printed_is_shown_as_text(site):
    page = read(site / "students" / "ivan.html")
    assert "loss 0.31 \\x1b[31mdone\\x1b[0m <i>" in page.text
    assert "i" not in page.tags


def test_the_student_reads_the_hint_first(site):
    page = read(site / "students" / "ivan.html")
    assert (
        page.text.index("Start here")
        < page.text.index("g is positive when w is too large")
        < page.text.index("Step-size")
    )


def test_a_blocked_check_says_what_it_comes_after(tmp_path):
    drawn = ALL_PASSED | {"kw_path": Outcome.FAILED, "kw_order": Outcome.BLOCKED}
    page = alone(tmp_path, sheet(report("ada", drawn)))
    assert "Comes after “On a quadratic the path equals gradient descent”, which did not pass." in page.text


def test_a_submission_that_could_not_be_loaded_says_why(site):
    page = read(site / "students" / "goro.html")
    assert "stochastic.py has a syntax error in line 12" in page.text


def test_what_our_side_broke_is_never_a_zero(tmp_path):
    broken = report("eve", dict.fromkeys(ALL_PASSED, Outcome.BLOCKED) | {"kw_path": Outcome.INVALID})
    for number, one in enumerate((unfinished("eve"), broken)):
        index, *pages = written(tmp_path / str(number), sheet(one))
        for path in pages:
            text = read(path).text
            assert "no grade yet" in text
            assert "of 100" not in text
        assert "Needs your attention (1)" in read(index).text
        assert "0 / 100" not in read(index).text


def test_a_pending_check_has_no_points_yet(tmp_path):
    page = alone(tmp_path, sheet(report("ada", ALL_PASSED | {"opt_gpu": Outcome.PENDING})))
    assert "waits for a machine" in page.text
    assert "– / 6" in page.text


def test_full_marks_are_praised(tmp_path):
    assert "Every check passed." in alone(tmp_path, sheet(report("ada", ALL_PASSED))).text


def test_every_page_says_when_results_can_be_forged(tmp_path):
    for path in written(tmp_path, classroom(sandbox="none")):
        assert "these results can be forged" in read(path).text


def test_no_page_says_so_of_a_sandbox(site):
    assert "forged" not in read(site / "index.html").text


def test_the_pages_speak_chinese(tmp_path):
    index, student, *_ = written(tmp_path, classroom("zh"))
    assert '<html lang="zh-CN">' in read(index).source
    assert "随机逼近" in read(index).text
    assert "增量均值" in read(student).text
    assert "ada 的反馈" in read(student).text


@pytest.mark.parametrize("reports", [(), (unfinished("eve"),)], ids=["nothing handed in", "nothing graded"])
def test_a_class_without_scores_has_a_page(tmp_path, reports):
    assert "Scores" not in read(written(tmp_path, sheet(*reports))[0]).text


def test_a_check_of_no_declared_part_is_shown(tmp_path):
    made = report("ada", ALL_PASSED)
    stray = replace(check(CHECKS[0], Outcome.PASSED), name="stray", part="extra", title="A stray check.")
    for path in written(tmp_path, sheet(replace(made, checks=(*made.checks, stray)))):
        assert "A stray check." in read(path).text


def test_two_submissions_of_one_student_have_a_page_each(tmp_path):
    written(tmp_path, sheet(report("ada", ALL_PASSED), report("ada", ALL_PASSED)))
    assert sorted(path.name for path in (tmp_path / "students").iterdir()) == ["ada-2.html", "ada.html"]


def test_a_file_in_the_folders_place_is_refused_with_a_step(tmp_path):
    (tmp_path / "site").write_text("")
    with pytest.raises(ReportError, match="a file is there") as refused:
        written(tmp_path / "site", classroom())
    assert refused.value.step
