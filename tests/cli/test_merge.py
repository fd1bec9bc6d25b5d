import csv
import json
from pathlib import Path

import pytest

GPU_PART = """
[[parts]]
id = "speed"
title = "Speed"
title_zh = "速度"
points = 30
tier = "gpu"
"""
HAS_A_GPU = """
from grader.hookspecs import hookimpl
from grader.work import Device

@hookimpl
def grader_devices():
    return [Device("NVIDIA H100", "uuid", 80 << 30)]
"""
PRINTS = """
from grader.hookspecs import hookimpl

@hookimpl
def grader_run_finished(gradesheet):
    for report in gradesheet.submissions:
        print(f"{report.student} {report.earned:g} {report.pending:g} {report.possible:g} {gradesheet.machine}")
"""


@pytest.fixture
def reports(grader, course):
    """What a laptop and a machine with a GPU wrote, each with a gradebook of its own."""
    with (course / "assignments/01_tiny/assignment.toml").open("a") as file:
        file.write(GPU_PART)
    (course / "gpu.py").write_text(HAS_A_GPU)
    (course / "prints.py").write_text(PRINTS)
    inbox = course / "submissions" / "01_tiny"
    (inbox / "ada.py").write_text("double passed scale passed more passed speed passed")
    (inbox / "ben.py").write_text("double passed scale failed more failed speed failed late 5")
    grader("run", "1", "--report", "json=cpu.json", "--db", "cpu.sqlite")
    grader("run", "1", "--only", "gpu", "--report", "json=gpu.json", "--db", "gpu.sqlite", "-p", "gpu.py")
    return course


@pytest.fixture
def run(reports, grader):
    def run(*words: str, code: int = 0):
        return grader("merge", *words, "-p", "prints.py", code=code)

    return run


def test_what_is_pending_in_one_is_filled_in_from_the_other(run):
    assert run("cpu.json", "gpu.json").stdout.splitlines() == [
        "ada 140 0 130 cpu; cuda NVIDIA H100",
        "ben 55 0 130 cpu; cuda NVIDIA H100",
        "chloe 0 0 130 cpu; cuda NVIDIA H100",
    ]


def test_in_either_order_the_same_is_written_and_it_can_be_merged_again(run):
    run("cpu.json", "gpu.json", "-o", "one.json")
    run("gpu.json", "cpu.json", "-o", "other.json")
    run("one.json", "gpu.json", "-o", "again.json")
    one, other, again = (Path(name).read_bytes() for name in ("one.json", "other.json", "again.json"))
    assert one == other == again


def test_every_kind_of_report_can_be_written(run):
    result = run("cpu.json", "gpu.json", "-o", "merged.json", "--report", "csv=merged.csv")
    assert result.stdout.splitlines()[3:] == ["json   merged.json", "csv    merged.csv"]
    rows = list(csv.DictReader(Path("merged.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["student"], row["earned"], row["part_speed"]) for row in rows] == [
        ("ada", "140", "30"),
        ("ben", "55", "0"),
        ("chloe", "0", ""),
    ]


def test_an_unknown_kind_is_refused_before_anything_is_read(run):
    assert "did you mean json?" in run("nowhere.json", "gpu.json", "--report", "jsn=x", code=2).stderr


def test_quiet_prints_nothing(grader, reports):
    assert grader("merge", "cpu.json", "gpu.json", "-q", "-o", "merged.json").output == ""


def test_it_opens_no_gradebook(run):
    run("cpu.json", "gpu.json")
    assert not Path("gradebook.sqlite").exists()


def test_the_level_of_feedback_is_the_courses_and_the_option_wins(run, reports):
    said = lambda: json.loads(Path("merged.json").read_text())["feedback"]  # noqa: E731
    run("cpu.json", "gpu.json", "-o", "merged.json")
    assert said() == "hints"
    run("cpu.json", "gpu.json", "-o", "merged.json", "--feedback", "none")
    assert said() == "none"


def test_a_contradiction_names_student_check_and_files_and_nothing_is_written(run, grader):
    cpu = json.loads(Path("cpu.json").read_text())
    cpu["submissions"][1]["checks"][1] |= {"outcome": "passed", "earned": 40.0}
    Path("other.json").write_text(json.dumps(cpu))
    said = run("cpu.json", "other.json", "-o", "merged.json", code=2).stderr
    assert said.splitlines()[:2] == [
        "merge: two outcomes of the check 'scale' of 'ben': failed (0 of 40) in cpu.json and passed (40 of 40) in "
        "other.json",
        "  in   cpu.json, other.json",
    ]
    assert not Path("merged.json").exists()


def test_another_submission_is_refused_by_name(run, grader):
    Path("submissions/01_tiny/ben.py").write_text("double passed scale failed more failed speed passed")
    grader("run", "1", "--only", "gpu", "--report", "json=later.json", "--db", "gpu.sqlite", "-p", "gpu.py")
    assert "what 'ben' handed in differs" in run("cpu.json", "later.json", "-o", "merged.json", code=2).stderr
    assert not Path("merged.json").exists()


def test_another_version_of_the_assignment_is_refused(run, grader, reports):
    (reports / "solutions" / "01_tiny" / "test_hidden.py").write_text("changed = True")
    said = run("cpu.json", "gpu.json", code=2).stderr
    assert "cpu.json is of another version of 01_tiny than the course has" in said
    grader("run", "1", "--only", "gpu", "--report", "json=later.json", "--db", "gpu.sqlite", "-p", "gpu.py")
    assert "these are of two versions of the assignment" in run("later.json", "cpu.json", code=2).stderr


def test_an_assignment_that_the_course_does_not_have_is_refused(run):
    Path("cpu.json").write_text(Path("cpu.json").read_text().replace("01_tiny", "09_other"))
    assert "unknown-assignment" in run("cpu.json", "cpu.json", code=2).stderr


@pytest.mark.parametrize("files", [(), ("cpu.json",)])
def test_one_report_is_nothing_to_join(run, files):
    assert "one report is nothing to join" in run(*files, code=2).stderr


def test_chinese_reports_stay_chinese(run, grader):
    for only, name, more in (("", "cpu", ()), ("gpu", "gpu", ("-p", "gpu.py"))):
        words = (
            "--language",
            "zh",
            "--only",
            only,
            "--report",
            f"json={name}.zh.json",
            "--db",
            f"{name}.sqlite",
            *more,
        )
        grader("run", "1", *words)
    run("cpu.zh.json", "gpu.zh.json", "-o", "merged.json")
    merged = json.loads(Path("merged.json").read_text(encoding="utf-8"))
    assert (merged["language"], merged["submissions"][0]["earned"]) == ("zh", 140)
    assert "these are in two languages" in run("cpu.json", "gpu.zh.json", code=2).stderr
