"""The picture of a growth: laid out to be read, drawn for those who may see it, said to those who cannot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from grader.manager import build_manager
from grader.model import CheckResult, Growth, Outcome, Report
from grader.teaching.levels import for_student
from grader.teaching.release import release
from grader_html.growth import APART, BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, plot, plots, rounded
from tests.plugins.gradesheets import CHECKS, report, sheet

SIZES = (256.0, 512.0, 1024.0)
QUADRATIC = Growth("memory", SIZES, tuple(n * n for n in SIZES), 2.0, 1.2)
LINEAR = Growth("memory", SIZES, SIZES, 1.0, 1.2)
STATE = Growth("state", SIZES, (1088.0,) * 3, 0.0, 0.1)


def grown(*growths: Growth, outcome: Outcome = Outcome.FAILED) -> Report:
    made = report("ada", {row[1]: Outcome.PASSED for row in CHECKS} | {CHECKS[0][1]: outcome})
    return replace(made, checks=(replace(made.checks[0], growths=growths), *made.checks[1:]))


def page(folder: Path, one: Report, level: str = "hints", *, kind: str = "students", language: str = "en") -> str:
    plugins = build_manager(defaults=["grader_html"], installed=False)
    made = release(sheet(one, language=language), level)
    plugins.hook.grader_write_report(kind="html", destination=folder, gradesheet=made)
    return (folder / kind / "ada.html").read_text(encoding="utf-8")


def drawn(text: str) -> list[str]:
    return re.findall(r'<svg class="growth.*?</svg>', text, re.DOTALL)


# ---- laid out ----------------------------------------------------------------------------------------------------


def test_a_power_is_a_straight_line_and_a_steeper_one_ends_higher():
    laid = plot(QUADRATIC, "a")
    (x0, y0), (x1, y1), (x2, y2) = laid.points
    assert (x1 - x0, y0 - y1) == pytest.approx((x2 - x1, y1 - y2), abs=1)
    assert laid.allowed[0] == laid.points[0]
    assert laid.allowed[1][1] > y2  # lower on the page
    assert not laid.kept
    assert plot(LINEAR, "a").allowed[1][1] < plot(LINEAR, "a").points[-1][1]


def test_what_does_not_grow_looks_flat():
    laid = plot(STATE, "a")
    assert {y for _, y in laid.points} == {HEIGHT - BOTTOM}
    assert [tick.text for tick in laid.counts] == ["1.1 k"]


@given(
    sizes=st.lists(st.integers(1, 10**6), min_size=2, max_size=20, unique=True),
    at_most=st.floats(0, 5),
    values=st.data(),
)
def test_everything_stays_in_the_picture_and_labels_apart(sizes, at_most, values):
    counts = values.draw(st.lists(st.floats(0, 2**63), min_size=len(sizes), max_size=len(sizes)))
    laid = plot(Growth("memory", tuple(map(float, sizes)), tuple(counts), 1.0, at_most), "a")
    for x, y in (*laid.points, *laid.allowed):
        assert LEFT <= x <= WIDTH - RIGHT
        assert TOP <= y <= HEIGHT - BOTTOM
        assert (x, y) == (round(x), round(y))
    assert abs(laid.own_label - laid.allowed_label) >= APART - 1e-6
    assert min(laid.own_label, laid.allowed_label) > 0
    assert max(laid.own_label, laid.allowed_label) <= HEIGHT - BOTTOM
    assert len(laid.sizes) <= 5


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1, "1"), (7.4, "7.4"), (346, "350"), (999, "1 k"), (65_536, "66 k"), (130_000, "130 k"),
     (1_048_576, "1 M"), (9.2e18, "9.2 E"), (4.2e22, "42000 E")],
)  # fmt: skip
def test_a_count_is_written_with_two_digits(value, text):
    assert rounded(value) == text


def test_each_growth_of_a_check_has_a_picture_with_a_name_of_its_own():
    check = CheckResult("memory[n 1, d 2]", "p", "T.", 1, 1, Outcome.PASSED, growths=(LINEAR, STATE))
    assert [laid.id for laid in plots(check)] == ["growth-memory-n-1-d-2--1", "growth-memory-n-1-d-2--2"]
    assert plots(replace(check, growths=())) == ()


# ---- on the page -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["students", "instructor"])
def test_a_growth_is_drawn_with_its_check_whether_or_not_it_passed(tmp_path, kind):
    failed, state = drawn(page(tmp_path / "failed", grown(QUADRATIC, STATE), kind=kind))
    assert 'class="growth wrong"' in failed
    assert "yours n^2.0" in failed
    assert "at most n^1.2" in failed
    assert 'class="growth good"' in state
    (passed,) = drawn(page(tmp_path / "passed", grown(LINEAR, outcome=Outcome.PASSED), kind=kind))
    assert "yours n^1.0" in passed


def test_it_is_said_to_those_who_do_not_see_it(tmp_path):
    (svg,) = drawn(page(tmp_path, grown(QUADRATIC)))
    title, desc = re.search(r'role="img" aria-labelledby="(\S+) (\S+)"', svg).groups()
    assert f'<title id="{title}">How your memory grows: like n^2.0; at most n^1.2 is allowed.</title>' in svg
    assert f'<desc id="{desc}">By size n: 256: 66 k; 512: 260 k; 1024: 1 M.</desc>' in svg


def test_it_speaks_the_language_of_the_page(tmp_path):
    (svg,) = drawn(page(tmp_path, grown(QUADRATIC), language="zh"))
    assert "memory 的增长：约为 n^2.0；允许至多 n^1.2。" in svg
    assert "你的 n^2.0" in svg


def test_ids_are_unique_on_a_page(tmp_path):
    ids = re.findall(r'\bid="([^"]+)"', page(tmp_path, grown(QUADRATIC, LINEAR, STATE)))
    assert len(ids) == len(set(ids))


def test_a_name_is_text_and_never_markup(tmp_path):
    text = page(tmp_path, grown(replace(QUADRATIC, name="<b>memory</b>")))
    assert "<b>memory" not in text
    assert "&lt;b&gt;memory" in text


@pytest.mark.parametrize(("level", "pictures"), [("none", 0), ("titles", 0), ("hints", 1), ("full", 1)])
def test_students_see_it_from_hints_on_and_the_instructor_always(tmp_path, level, pictures):
    one = grown(QUADRATIC)
    assert len(drawn(page(tmp_path, one, level))) == pictures
    assert len(drawn((tmp_path / "instructor" / "ada.html").read_text())) == 1


def test_that_of_a_check_that_broke_is_not_the_students():
    broken = grown(QUADRATIC, outcome=Outcome.INVALID)
    assert for_student(broken, "hints").checks[0].growths == ()
    assert for_student(grown(QUADRATIC), "hints").checks[0].growths == (QUADRATIC,)


def test_exact_counts_are_on_no_students_page(tmp_path):
    """A student's side chooses them, and has seen the inputs: they are shown with two digits."""
    exact = replace(QUADRATIC, values=(123456.0, 2345678.0, 34567890.0))
    text = page(tmp_path, grown(exact))
    assert "120 k" in text
    assert not re.search(r"1234|2345|3456", text)


def test_advice_is_about_growth_where_that_is_what_failed(tmp_path):
    failed = page(tmp_path / "grows", grown(QUADRATIC))
    assert "see which grows faster than it should" in failed
    assert "see which grows faster" not in page(tmp_path / "other", grown(LINEAR))
