from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from grader import manager
from grader.cli.plugins import origin


def test_each_plugin_is_listed_with_its_hooks_and_origin(grader):
    output = grader("plugins").output
    for text in ("grader_late", "adjust_score", "the grader", "executor", "course.toml"):
        assert text in output


def test_what_was_asked_for_and_left_out_shows(grader):
    Path("mine.py").write_text("")
    output = grader("plugins", "-p", "mine.py", "-p", "no:grader_late").output
    assert "mine" in output
    assert "grader_late" not in output


def test_outside_a_course_the_defaults_are_listed(grader, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    output = grader("plugins").output
    assert "grader_late" in output
    assert "executor" not in output


def test_a_course_that_is_broken_is_an_error_and_not_no_course(grader, course):
    (course / "course.toml").write_text("title = ")
    assert "not TOML" in grader("plugins", code=2).stderr


def test_an_unknown_plugin_gets_the_nearest(grader):
    assert "did you mean grader_late or" in grader("plugins", "-p", "no:grader_lat", code=2).stderr


@pytest.mark.parametrize(("name", "said"), [("grader_late", "the grader"), ("mine", "-p")])
def test_where_a_plugin_comes_from(name, said):
    assert origin(name, None) == said


def test_an_installed_plugin_comes_from_its_distribution(monkeypatch):
    point = EntryPoint("stranger", "stranger_plugin", manager.GROUP)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: [point])
    assert origin("stranger", None) == "installed"
