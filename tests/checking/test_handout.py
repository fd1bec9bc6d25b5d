import os
import shutil

import pytest

from grader.checking.handout import find_file, find_handout
from grader.course import read_assignment
from grader.errors import CourseError, UnknownAssignment, Usage


@pytest.mark.parametrize("name", [None, ".", "1", "tiny", "01_tiny", "assignment1", "../01_tiny"])
def test_the_folder_where_one_stands_has_many_names(handout, name):
    assert find_handout(name).folder == handout


def test_a_folder_within_it_will_do(handout, monkeypatch):
    (handout / "plots").mkdir()
    monkeypatch.chdir(handout / "plots")
    assert find_handout(None).folder == handout


@pytest.mark.parametrize("name", ["1", "tiny", "01_tiny"])
def test_a_folder_of_several_assignments_needs_no_course(handout, monkeypatch, name):
    shutil.copytree(handout, handout.parent / "02_next")
    monkeypatch.chdir(handout.parent)
    assert find_handout(name).id == "01_tiny"


def test_the_folder_beside_is_found(handout):
    shutil.copytree(handout, handout.parent / "02_next")
    assert find_handout("next").id == "02_next"


def test_the_course_is_asked_last(handout, monkeypatch):
    course = handout.parent / "course"
    shutil.copytree(handout, course / "assignments" / "07_other")
    monkeypatch.chdir(course)
    assert find_handout("7").id == "07_other"
    monkeypatch.chdir(handout)
    assert find_handout("7", course).id == "07_other"


def test_a_course_that_is_named_and_is_none_is_an_error(handout):
    with pytest.raises(CourseError):
        find_handout("7", handout / "nowhere")


def test_a_name_of_none_gets_the_nearest(handout):
    with pytest.raises(UnknownAssignment, match="no assignment is called 'tinny'") as raised:
        find_handout("tinny")
    assert "01_tiny" in raised.value.step


def test_no_name_elsewhere_is_an_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Usage, match=r"has no assignment\.toml"):
        find_handout(None)


def saved(path, when):
    path.touch()
    os.utime(path, (when, when))


@pytest.mark.parametrize(("later", "other"), [("tiny.py", "tiny.ipynb"), ("tiny.ipynb", "tiny.py")])
def test_of_a_module_and_a_notebook_the_one_saved_last_is_taken_and_the_other_named(handout, later, other):
    saved(handout / later, 2000)
    saved(handout / other, 1000)
    path, note = find_file(read_assignment(handout), None)
    assert path == handout / later
    assert note == f" (saved last; to check the other: grader check {other})"


def test_a_single_file_needs_no_note(handout):
    (handout / "tiny.py").unlink()
    assert find_file(read_assignment(handout), None) == (handout / "tiny.ipynb", "")


def test_a_file_where_one_stands_goes_before_the_stub(handout, tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    (work / "tiny.py").touch()
    monkeypatch.chdir(work)
    assert find_file(read_assignment(handout), None)[0] == work / "tiny.py"


def test_a_file_may_have_any_name_and_a_folder_is_looked_into(handout, tmp_path):
    (handout / "mine.py").touch()
    assert find_file(read_assignment(handout), handout / "mine.py")[0].name == "mine.py"
    (handout / "tiny.ipynb").unlink()
    assert find_file(read_assignment(handout), handout)[0].name == "tiny.py"


def test_no_file_at_all_is_an_error(handout):
    (handout / "tiny.py").unlink()
    (handout / "tiny.ipynb").unlink()
    with pytest.raises(Usage, match=r"there is no tiny.py or .ipynb"):
        find_file(read_assignment(handout), None)


@pytest.mark.parametrize(
    ("name", "problem"), [("nowhere.py", "no such file"), ("README.md", "neither a module nor a notebook")]
)
def test_a_file_that_cannot_be_meant_is_an_error(handout, name, problem):
    with pytest.raises(Usage, match=problem):
        find_file(read_assignment(handout), handout / name)
