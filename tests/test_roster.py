from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from grader.errors import CourseError
from grader.model import Submission
from grader.roster import Roster, read_roster, read_submitted, rivals

NAMES = ("03_stochastic_approximation", "08_adamw")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def submission(student: str, submitted: datetime | None = None) -> Submission:
    return Submission(student, Path(f"{student}.py"), submitted)


def test_who_is_not_on_the_roster_keeps_the_name_of_the_file():
    roster = Roster(students={"s1": "Ada"})
    assert [s.student for s in roster.apply("08_adamw", [submission("s1"), submission("s2")])] == ["Ada", "s2"]


def test_a_time_of_the_roster_wins_over_that_of_an_archive():
    roster = Roster(times={"08_adamw": {"s1": NOON}})
    (one,) = roster.apply("08_adamw", [submission("s1", NOON + timedelta(days=1))])
    assert one.submitted == NOON


def test_where_the_roster_has_no_time_the_one_that_is_known_stays():
    (one,) = Roster().apply("08_adamw", [submission("s1", NOON)])
    assert one.submitted == NOON


def test_a_csv_file_names_students_and_times(tmp_path):
    (tmp_path / "roster.csv").write_text(
        "\ufeffstudent,id,adamw,email\nAda, s1 ,2026-01-01T12:00:00Z,\n李雷,s2,,\n".replace(",email", "").replace(
            ",\n", "\n"
        )
    )
    roster = read_roster("roster.csv", tmp_path, None, NAMES)
    assert roster.students == {"s1": "Ada", "s2": "李雷"}
    assert roster.times == {"08_adamw": {"s1": NOON}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name,id\nAda,s1\n", "there is no column 'student'"),
        ("id,student,week 9\ns1,Ada,\n", "the column 'week 9' is no assignment's"),
        ("id,student,8\ns1,Ada,yesterday\n", "line 2: 8: 'yesterday' is no time"),
        ("id,student,8\ns1,Ada,2026-01-01 12:00\n", "line 2: 8: the time has no time zone"),
    ],
)
def test_a_mistake_in_a_roster_is_named(tmp_path, text, problem):
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(CourseError, match=problem) as caught:
        read_roster("roster.csv", tmp_path, None, NAMES)
    assert caught.value.place == str(tmp_path / "roster.csv")


@pytest.mark.parametrize("content", [None, b"id,student\n\xff,Ada\n"])
def test_a_roster_that_cannot_be_read_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / "roster.csv").write_bytes(content)
    with pytest.raises(CourseError, match=r"roster\.csv cannot be read"):
        read_roster("roster.csv", tmp_path, None, NAMES)


def test_two_rows_of_one_name_that_differ_are_refused_and_not_guessed_between(tmp_path):
    file = tmp_path / "roster.csv"
    file.write_text("id,student\ns1,Ada\ns2,Ben\ns1,Ada\n,\n,Eve\n")
    assert read_roster("roster.csv", tmp_path, None, NAMES).students["s1"] == "Ada"
    file.write_text("id,student\ns1,Ada\ns2,Ben\ns1,Eve\n")
    with pytest.raises(CourseError, match="line 4: id: 's1' is in line 2 too") as caught:
        read_roster("roster.csv", tmp_path, None, NAMES)
    assert caught.value.place == str(file)
    file.write_text("student,submitted\ns1,2026-01-01T12:00:00Z\ns1,2026-01-02T12:00:00Z\n")
    with pytest.raises(CourseError, match="line 3: student: 's1' is in line 2 too"):
        read_submitted(file, Roster(), "08_adamw", None)


def test_the_submitted_file_wins_and_may_use_either_name(tmp_path):
    file = tmp_path / "times.csv"
    file.write_text("student,submitted\nAda,2026-01-01 20:00\ns2,2026-01-01T12:00:00+00:00\n")
    before = Roster(students={"s1": "Ada"}, times={"08_adamw": {"s1": NOON - timedelta(days=9)}})
    roster = read_submitted(file, before, "08_adamw", timezone(timedelta(hours=8)))
    one, two = roster.apply("08_adamw", [submission("s1"), submission("s2")])
    assert (one.student, one.submitted, two.submitted) == ("Ada", NOON, NOON)


def test_rivals_are_those_with_more_than_one_submission():
    doubled = [Submission("ada", Path("a/ada.py")), submission("ben"), Submission("ada", Path("a/ada.zip"))]
    assert rivals(doubled) == {"ada": "ada.py and ada.zip"}
