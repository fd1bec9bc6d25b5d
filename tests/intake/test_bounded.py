"""What is large is read in a process of its own, which ends where it takes more than it may."""

from __future__ import annotations

import pytest

from grader.errors import Ungradable
from grader.intake import bounded, limits
from grader.intake.magics import plain
from grader.intake.notebook import read_cells
from grader.intake.source import examine, flaw_in
from tests.intake.handed_in import WORK, code, notebook

HALF = limits.MODULE
LARGE = limits.NOTEBOOK_HERE + 1


@pytest.fixture
def tight(monkeypatch) -> None:
    """Bounds that a hostile file meets soon, and an ordinary one of the same size does not."""
    monkeypatch.setattr(bounded, "MEMORY", 300 << 20)
    monkeypatch.setattr(bounded, "SECONDS", 1)


@pytest.fixture
def nothing_is_started(monkeypatch) -> None:
    monkeypatch.setattr(bounded, "ask", lambda *_: pytest.fail("a process was started"))


TOO_MUCH = "it takes more than 1 s or 300 MB to read"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('x = f"' + "{a}" * (HALF // 4) + '"', id="an f-string of a hundred thousand fields"),
        pytest.param('x = f"""' + "{a=}\n" * (HALF // 6) + '"""', id="an f-string of as many lines"),
    ],
)
def test_a_source_that_takes_a_parser_long_gets_a_sentence(tight, source):
    with pytest.raises(Ungradable) as caught:
        examine(source.encode(), "ada.py")
    assert caught.value.problem == f"ada.py has a syntax error ({TOO_MUCH})"


def test_a_source_that_takes_a_parser_gigabytes_gets_a_sentence(tight):
    flaw = flaw_in("import a" + ".a" * (HALF // 2 - 10))
    assert flaw is not None
    assert flaw.problem in (TOO_MUCH, "it is nested too deeply")  # the parser ran out, or the process did


@pytest.mark.parametrize("size", [limits.PARSED_HERE // 2, limits.PARSED_HERE * 2], ids=["small", "large"])
def test_a_source_has_the_same_flaw_whatever_its_size(size):
    rest = "y = 1\n" * (size // 6)
    assert flaw_in(f"x = 1\n{rest}") is None
    assert str(flaw_in(f"x = (\n{rest}")) == "a syntax error at line 1 ('(' was never closed): `x = (`"
    assert flaw_in(f"# coding: latin-1\n{rest}# \xe9".encode("latin-1")) is None
    assert flaw_in(f"# coding: latin-1\n{rest}# \xe9\n# 字") is None  # a text is no longer in any encoding
    assert "can't decode" in str(flaw_in(f"{rest}x = '\xe9'".encode("latin-1")))


def test_a_small_source_is_parsed_here(nothing_is_started):
    assert flaw_in("x = 1\n" * (limits.PARSED_HERE // 6)) is None


def test_a_small_notebook_is_read_here(nothing_is_started):
    assert len(read_cells(notebook(WORK), "ada.ipynb")) == 1


def large(*cells, **more) -> bytes:
    return notebook(*cells, saved="x" * LARGE, **more)


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda make: make(WORK, code("1", nbgrader={"grade": True})), id="cells and a test"),
        pytest.param(lambda make: make("x = '字'"), id="what is not ASCII"),
        pytest.param(lambda make: make(), id="no cells"),
        pytest.param(lambda make: make(WORK, metadata={"language_info": {"name": "R"}}), id="another language"),
        pytest.param(lambda make: make(WORK)[:-1], id="cut off"),
        pytest.param(lambda make: make(WORK, o=float("nan")), id="a number that JSON does not have"),
    ],
)
def test_a_notebook_is_read_alike_whatever_its_size(made):
    def said(data):
        try:
            return read_cells(data, "我的 ada.ipynb")
        except Ungradable as error:
            return error.problem

    assert said(made(large)) == said(made(notebook))


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(b'"worksheets": [' + b"{}," * (LARGE // 2) + b"{}]", id="worksheets"),
        pytest.param(b'"cells": [' + b'{"cell_type":""},' * LARGE + b'{"cell_type":""}]', id="a million cells"),
        pytest.param(b'"cells": [{"cell_type":"code","source":[' + b'"ab",' * LARGE + b'""]}]', id="lines of source"),
    ],
)
def test_a_notebook_of_more_objects_than_anybody_makes_gets_a_sentence(tight, part):
    with pytest.raises(Ungradable) as caught:
        read_cells(b'{"nbformat": 4, ' + part + b"}", "ada.ipynb")
    assert caught.value.problem == f"ada.ipynb {TOO_MUCH.removeprefix('it ')}: clear its outputs and save it again"


def test_a_notebook_has_at_most_two_thousand_cells():
    with pytest.raises(Ungradable, match="has more than 2000 code cells: hand in only your own work"):
        read_cells(notebook(*["1"] * 2001), "ada.ipynb")


@pytest.mark.parametrize("end", ["", "\\", "\\\n"])
def test_strings_without_an_end_take_no_longer_than_others(end):
    """Each quote was once tried as the beginning of a string that goes on to the end of the file: for hours."""
    with pytest.raises(Ungradable, match="is not a notebook"):
        read_cells(b'{"nbformat": NaN, "' + b'\\"' * 1_000_000 + end.encode(), "ada.ipynb")


def test_numbers_that_json_does_not_have_are_left_alone_in_strings():
    cells = read_cells(notebook("NaN = '\"NaN'; Infinity", o=[float("nan"), float("-inf"), "NaN"]), "ada.ipynb")
    assert [cell.source for cell in cells] == ["NaN = '\"NaN'; Infinity"]


def test_a_cell_of_magics_that_takes_a_parser_long_is_passed_over_with_its_sentence(tight):
    made = plain('%matplotlib inline\nx = f"' + "{a}" * (HALF // 4) + '"')
    assert TOO_MUCH in str(flaw_in(made.source))
