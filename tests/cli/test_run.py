import csv
import json
from pathlib import Path

import pytest

from grader.cli.run import cores


def attempts(grader) -> int:
    """Count the stored attempts by the lines of the table."""
    return sum("01_tiny" in line for line in grader("show").output.splitlines())


def graded(file: str) -> dict[str, dict]:
    return {s["student"]: s for s in json.loads(Path(file).read_text())["submissions"]}


def test_without_a_path_the_courses_submissions_are_graded(grader):
    grader("run", "assignment1", "--report", "json=out.json")
    reports = graded("out.json")
    assert {name: r["earned"] for name, r in reports.items()} == {"ada": 100, "ben": 60, "chloe": 0}
    assert reports["chloe"]["status"] == "ungradable"


def test_a_path_is_a_submission_or_a_folder_of_them(grader):
    grader("run", "tiny", "submissions/01_tiny/ben.py", "--report", "json=out.json")
    assert list(graded("out.json")) == ["ben"]


def test_where_each_report_went_is_printed(grader):
    output = grader("run", "1", "--report", "json=out.json", "--report", "csv=out.csv").stdout
    assert output.split() == ["json", "out.json", "csv", "out.csv"]
    assert len(list(csv.reader(Path("out.csv").read_text().splitlines()))) == 4


def test_piped_each_submission_is_a_line_beside_the_output(grader):
    result = grader("run", "1")
    assert [line.split()[0] for line in result.stderr.splitlines()] == ["ada", "ben", "chloe"]


def test_quiet_prints_nothing(grader):
    assert grader("run", "1", "-q", "--report", "json=out.json").output == ""


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ("json", "--report json: that is not KIND=FILE"),
        ("=x", "--report =x: that is not KIND=FILE"),
        ("jsn=x", "did you mean json?"),
        ("pdf=x", "the kinds are csv, json"),
    ],
)
def test_a_report_that_cannot_be_is_refused_before_anything_is_graded(grader, report, said):
    assert said in grader("run", "1", "--report", report, code=2).stderr
    assert not Path("gradebook.sqlite").exists()


def test_a_report_that_cannot_be_written_does_not_stop_the_others(grader, course):
    result = grader("run", "1", "--report", f"json={course}", "--report", "csv=out.csv", code=2)
    assert "report:" in result.stderr
    assert Path("out.csv").exists()


def test_a_second_run_grades_only_what_changed(grader):
    grader("run", "1")
    Path("submissions/01_tiny/ben.py").write_text("double passed scale passed")
    grader("run", "1", "--report", "json=out.json")
    assert {name: r["regraded"] for name, r in graded("out.json").items()} == {
        "ada": False,
        "ben": False,  # what he hands in now is what ada handed in
        "chloe": True,
    }
    assert attempts(grader) == 4


def test_the_gradebook_may_be_elsewhere(grader, tmp_path):
    grader("run", "1", "--db", str(tmp_path / "grades.sqlite"))
    assert (tmp_path / "grades.sqlite").exists()
    assert not Path("gradebook.sqlite").exists()


def test_only_one_part_may_be_graded(grader):
    grader("run", "1", "--only", "scale", "--report", "json=out.json")
    assert [c["name"] for c in graded("out.json")["ada"]["checks"]] == ["scale"]


def test_fresh_grades_all_again(grader):
    grader("run", "1")
    grader("run", "1", "--fresh", "--report", "json=out.json")
    assert graded("out.json")["ada"]["regraded"]


def test_a_seed_draws_the_same_inputs_in_any_course(grader, course):
    grader("run", "1", "--seed", "5", "--report", "json=out.json")
    assert not (course / ".grader").exists()


def test_the_course_chooses_the_language_and_the_command_line_another(grader, course):
    text = (course / "course.toml").read_text()
    (course / "course.toml").write_text('language = "zh"\n' + text)
    grader("run", "1", "--report", "json=zh.json")
    grader("run", "1", "--language", "en", "--report", "json=en.json")
    assert [json.loads(Path(f).read_text())["language"] for f in ("zh.json", "en.json")] == ["zh", "en"]


def test_the_level_of_feedback_is_the_reports_and_regrades_nobody(grader, course):
    grader("run", "1", "--report", "json=hints.json")
    grader("run", "1", "--feedback", "none", "--report", "json=none.json")
    text = (course / "course.toml").read_text()
    (course / "course.toml").write_text('feedback = "titles"\n' + text)
    grader("run", "1", "--report", "json=titles.json")
    levels = ("hints", "none", "titles")
    assert [json.loads(Path(f"{level}.json").read_text())["feedback"] for level in levels] == list(levels)
    assert not any(graded(f"{level}.json")["ada"]["regraded"] for level in levels[1:])


def test_a_level_that_is_not_there_is_refused_with_the_key(grader, course):
    text = (course / "course.toml").read_text()
    (course / "course.toml").write_text('feedback = "all"\n' + text)
    assert "feedback" in grader("run", "1", code=2).stderr


def test_a_file_says_when_each_was_handed_in_and_the_deadline_counts(grader, course):
    text = (course / "course.toml").read_text() + "[deadlines]\ntiny = 2026-03-01T00:00:00Z\n"
    (course / "course.toml").write_text(text)
    Path("times.csv").write_text("student,submitted\nada,2026-03-02T12:00:00Z\n")
    grader("run", "1", "--submitted", "times.csv", "--report", "json=out.json")
    reports = graded("out.json")
    assert reports["ada"]["earned"] == 80
    assert reports["ada"]["adjustments"] == [{"points": -20, "reason": "2 days late"}]
    assert reports["ben"]["submitted"] is None


def test_a_plugin_may_be_left_out(grader, course):
    text = (course / "course.toml").read_text() + "[deadlines]\ntiny = 2026-03-01T00:00:00Z\n"
    (course / "course.toml").write_text(text)
    Path("times.csv").write_text("student,submitted\nada,2026-03-02T12:00:00Z\n")
    grader("run", "1", "--submitted", "times.csv", "-p", "no:grader_late", "--report", "json=out.json")
    assert graded("out.json")["ada"]["earned"] == 100


def test_a_plugin_may_be_a_file(grader):
    Path("generous.py").write_text(
        "from grader.hookspecs import hookimpl\nfrom grader.model import Adjustment\n"
        "@hookimpl\ndef grader_adjust_score():\n    return Adjustment(5, 'for coming')\n"
    )
    grader("run", "1", "-p", "generous.py", "--report", "json=out.json")
    assert graded("out.json")["ben"]["earned"] == 65


def test_fail_under_exits_with_1_and_names_those_below(grader):
    result = grader("run", "1", "--fail-under", "80", code=1)
    assert result.stderr.splitlines()[3:] == [
        "ben has 60 points, fewer than 80",
        "chloe has 0 points, fewer than 80",
    ]
    grader("run", "1", "--fail-under", "0")


def test_what_is_pretended_leaves_no_gradebook(grader):
    assert "ada" in grader("run", "1", "--pretend-gpu", "cpu").output
    assert not Path("gradebook.sqlite").exists()
    refused = grader("run", "1", "--pretend-gpu", "cpu", "--db", "own.sqlite", code=2)
    assert "what is pretended is recorded in no gradebook" in refused.output
    assert not Path("own.sqlite").exists()


def test_only_the_cpu_can_pretend(grader):
    assert "'tpu' is not 'cpu'" in grader("run", "1", "--pretend-gpu", "tpu", code=2).output


def test_pending_points_may_still_come(grader):
    Path("submissions/01_tiny/ben.py").write_text("double passed scale pending")
    grader("run", "1", "submissions/01_tiny/ben.py", "--fail-under", "80")


def test_an_interruption_says_how_far_it_came_and_how_to_go_on(grader):
    Path("submissions/01_tiny/ben.py").write_text("interrupt")
    pretended = grader("run", "1", "--pretend-gpu", "cpu", code=130)
    assert pretended.stderr.splitlines()[-1] == "1 of 3 graded, and nothing kept"
    result = grader("run", "1", code=130)
    assert result.stderr.splitlines()[-1] == "1 of 3 graded and kept; the same command goes on with the rest"
    Path("submissions/01_tiny/ben.py").write_text("double passed")
    grader("run", "1", "--report", "json=out.json")
    assert not graded("out.json")["ada"]["regraded"]


def test_a_ctrl_c_before_anything_is_graded_exits_with_130_too(grader, monkeypatch):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.cli.run.find_course", interrupted)
    assert "interrupted" in grader("run", "1", code=130).stderr


def test_a_missing_inbox_is_named(grader, course):
    (course / "submissions").rename(course / "handed_in")
    result = grader("run", "1", code=2)
    assert "no PATH was given, and this folder is missing" in result.stderr
    assert "01_tiny" in result.stderr


def test_a_path_that_is_not_there_is_named(grader):
    assert "nobody.py" in grader("run", "1", "nobody.py", code=2).stderr


@pytest.mark.parametrize("option", [["--jobs", "0"], ["--seed", "x"], ["--language", "fr"]])
def test_an_option_that_cannot_be_is_refused(grader, option):
    grader("run", "1", *option, code=2)


def test_as_many_run_at_once_as_there_are_cores_for_us():
    assert cores() >= 1


def test_who_is_on_the_roster_and_handed_nothing_in_is_named(grader, course):
    with (course / "course.toml").open("a") as file:
        file.write('[roster]\nada = "Ada Li"\nzoe = "Zoe"\nzoe2 = "Zoe"\n')
    said = "on the roster, and nothing handed in: Zoe\n"
    assert grader("run", "1").stderr.endswith(said)
    assert said not in grader("run", "1", "--quiet").stderr
    assert said not in grader("run", "1", "submissions/01_tiny/ada.py").stderr
