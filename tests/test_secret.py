import os
import stat
from pathlib import Path

import pytest

from grader.course import Course, find_course
from grader.errors import CourseError
from grader.secret import attempt_seed, course_secret, secret_of_seed


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.delenv("GRADER_SECRET_FILE", raising=False)
    (tmp_path / "course" / "assignments").mkdir(parents=True)
    return find_course(tmp_path / "course")


def test_the_secret_is_drawn_once_and_kept(course):
    assert len(course_secret(course)) == 32
    assert course_secret(course) == course_secret(course)


def test_only_its_owner_can_read_it(course):
    course_secret(course)
    file = course.root / ".grader" / "secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [f.name for f in file.parent.iterdir()] == ["secret"]


def test_where_two_runs_race_the_first_secret_is_everyones(course, monkeypatch):
    link = os.link

    def beaten(draft: str, file: Path) -> None:
        file.write_bytes(b"the others' secret, 32 bytes long")
        link(draft, file)

    monkeypatch.setattr(os, "link", beaten)
    assert course_secret(course) == b"the others' secret, 32 bytes long"


def test_it_may_be_kept_elsewhere(course, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET_FILE", str(tmp_path / "vault" / "secret"))
    secret = course_secret(course)
    assert (tmp_path / "vault" / "secret").read_bytes() == secret
    assert not (course.root / ".grader").exists()


def test_a_secret_cut_short_is_an_error_that_does_not_show_it(course):
    (course.root / ".grader").mkdir()
    (course.root / ".grader" / "secret").write_bytes(b"12345")
    with pytest.raises(CourseError, match="has 5 bytes and not 32") as caught:
        course_secret(course)
    assert "12345" not in str(caught.value)


def test_a_place_that_cannot_hold_it_is_named(course, monkeypatch):
    (course.root / "file").touch()
    monkeypatch.setenv("GRADER_SECRET_FILE", str(course.root / "file" / "secret"))
    with pytest.raises(CourseError, match="the secret cannot be kept") as caught:
        course_secret(course)
    assert "GRADER_SECRET_FILE" in str(caught.value.step)


def test_a_seed_stands_for_the_secret():
    assert secret_of_seed(3) == secret_of_seed(3)
    assert secret_of_seed(3) != secret_of_seed(4)


def test_inputs_depend_on_secret_assignment_and_files():
    seeds = {attempt_seed(b"s", "01_a", "d"), attempt_seed(b"t", "01_a", "d")}
    seeds |= {attempt_seed(b"s", "02_a", "d"), attempt_seed(b"s", "01_a", "e")}
    assert len(seeds) == 4
