import json
from pathlib import Path

import pytest

SHOWS = """
from grader.hookspecs import hookimpl

@hookimpl
def grader_run_finished(gradesheet):
    for report in gradesheet.submissions:
        print(report.attempt, report.student, report.earned, gradesheet.assignment.id)
"""


@pytest.fixture
def show(grader, course):
    grader("run", "1")
    (course / "shows.py").write_text(SHOWS)

    def run(*words: str, code: int = 0):
        return grader("show", *words, "-p", "shows.py", code=code)

    return run


def test_without_anything_all_attempts_are_listed(show):
    output = show().output
    assert [line.split()[:3] for line in output.splitlines() if "01_tiny" in line] == [
        ["1", "01_tiny", "ada"],
        ["2", "01_tiny", "ben"],
        ["3", "01_tiny", "chloe"],
    ]


def test_a_number_alone_is_an_attempt(show):
    assert show("2").output == "2 ben 60.0 01_tiny\n"


def test_a_number_that_is_also_an_assignments_is_said_to_be_an_attempts(show):
    result = show("1")
    assert result.stdout == "1 ada 100.0 01_tiny\n"
    assert "this is attempt 1; the class of the assignment: grader show assignment1" in result.stderr
    assert show("2").stderr == ""


def test_a_student_may_be_named_as_handed_in_where_the_roster_has_another_name(show, grader, course):
    with (course / "course.toml").open("a") as file:
        file.write('[roster]\nben2 = "Ben Li"\n')
    Path("submissions/01_tiny/ben.py").rename("submissions/01_tiny/ben2.py")
    grader("run", "1")
    assert show("1", "ben2").stdout == show("1", "Ben Li").stdout == "4 Ben Li 60.0 01_tiny\n"


def test_an_assignment_is_its_class(show):
    assert [line.split()[1] for line in show("assignment1").output.splitlines()] == ["ada", "ben", "chloe"]


def test_a_student_is_their_latest_attempt(show, grader):
    Path("submissions/01_tiny/ben.py").write_text("double passed scale passed")
    grader("run", "1")
    assert show("1", "ben").output == "4 ben 100.0 01_tiny\n"
    assert show("2").output == "2 ben 60.0 01_tiny\n"


def test_reports_are_written_again(show):
    show("assignment1", "--report", "json=again.json")
    assert len(json.loads(Path("again.json").read_text())["submissions"]) == 3


def test_a_report_that_is_written_again_names_the_headings_of_the_handout_as_it_is_now(show, course):
    def headings() -> list[str]:
        show("assignment1", "--report", "json=again.json")
        return [one["heading"] for one in json.loads(Path("again.json").read_text())["assignment"]["sections"]]

    assert headings() == []
    handout = course / "assignments" / "01_tiny" / "README.md"
    handout.write_text("## Doubling (60 points)\n## Scaling (40 points)\n## More (bonus, 10 points)\n")
    assert headings() == ["Doubling", "Scaling", "More"]


READS = """
from grader.hookspecs import hookimpl

@hookimpl
def grader_run_finished(gradesheet):
    print(gradesheet.feedback)
"""


def test_the_level_is_the_courses_and_the_option_wins(show, course):
    (course / "reads.py").write_text(READS)
    assert show("1", "-p", "reads.py").stdout.splitlines()[1:] == ["hints"]
    with (course / "course.toml").open("r+") as file:
        text = file.read()
        file.seek(0)
        file.write('feedback = "titles"\n' + text)
    assert show("1", "-p", "reads.py").stdout.splitlines()[1:] == ["titles"]
    assert show("1", "-p", "reads.py", "--feedback", "none").stdout.splitlines()[1:] == ["none"]
    show("1", "--feedback", "some", code=2)


def test_an_attempt_that_is_not_there_gets_the_nearest(show):
    assert "there is no attempt 77" in show("77", code=2).stderr


def test_a_student_who_is_not_there_gets_the_nearest(show):
    assert "did you mean ben?" in show("1", "bem", code=2).stderr
    assert "see grader show" in show("1", "xyz", code=2).stderr


def test_an_assignment_that_nobody_attempted_says_so(show, course):
    folder = course / "assignments" / "02_next"
    folder.mkdir()
    (folder / "assignment.toml").write_text((course / "assignments/01_tiny/assignment.toml").read_text())
    assert "no attempt at 02_next is stored" in show("assignment2", code=2).stderr


def test_before_the_first_run_there_is_no_gradebook(grader):
    assert "there is no gradebook yet" in grader("show", "1", code=2).stderr
    assert not Path("gradebook.sqlite").exists()
