import csv
import io
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from grader.errors import ReportError
from grader.manager import build_manager
from grader.model import Gradesheet, Outcome
from tests.plugins.gradesheets import CHECKS, classroom, report, sheet

ALL_PASSED = dict.fromkeys((row[1] for row in CHECKS), Outcome.PASSED)


def written(folder: Path, gradesheet: Gradesheet) -> bytes:
    plugins = build_manager(defaults=["grader_csv"], installed=False)
    file = folder / "grades.csv"
    assert plugins.hook.grader_write_report(kind="csv", destination=file, gradesheet=gradesheet) == [file]
    return file.read_bytes()


def rows(folder: Path, gradesheet: Gradesheet) -> dict[str, dict[str, str]]:
    text = written(folder, gradesheet).decode("utf-8-sig")
    return {row["student"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_there_is_a_row_a_submission_and_a_column_a_part(tmp_path):
    found = rows(tmp_path, classroom())
    assert len(found) == 40
    assert found["ada"]["earned"] == "120"
    assert found["ada"]["part_optimizer"] == "30"


def test_excel_is_told_that_it_is_utf8(tmp_path):
    assert written(tmp_path, classroom()).startswith(b"\xef\xbb\xbfstudent,")


@pytest.mark.parametrize("student", ["=1+1", "+1a", "-x", "@SUM(A1)", "  =1+1", "\t=1", "\n=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_prefixed(tmp_path, student):
    (found,) = rows(tmp_path, sheet(report(student, ALL_PASSED)))
    assert found.startswith("'")


def test_a_negative_number_stays_a_number(tmp_path):
    found = rows(tmp_path, sheet(report("ada", ALL_PASSED, earned=-3.5)))
    assert found["ada"]["earned"] == "-3.5"


def test_what_our_side_broke_has_no_points_at_all(tmp_path):
    found = rows(tmp_path, classroom())
    assert (found["hana"]["earned"], found["hana"]["part_mean"]) == ("", "")
    assert (found["fatima"]["earned"], found["fatima"]["part_mean"]) == ("", "")
    assert found["fatima"]["attention"].startswith("1 check broke")
    assert found["fatima"]["part_robbins_monro"] == "20"


def test_a_part_of_which_all_waits_has_no_points_yet(tmp_path):
    waits = {row[1]: Outcome.PENDING for row in CHECKS if row[0] == "optimizer"}
    one_waits = report("ben", ALL_PASSED | {"opt_gpu": Outcome.PENDING})
    found = rows(tmp_path, sheet(report("ada", ALL_PASSED | waits), one_waits))
    assert (found["ada"]["part_optimizer"], found["ada"]["part_mean"]) == ("", "10")
    assert found["ben"]["part_optimizer"] == "24"


def test_what_could_not_be_loaded_has_its_reason_and_no_part(tmp_path):
    found = rows(tmp_path, classroom())["goro"]
    assert (found["status"], found["earned"], found["part_mean"]) == ("ungradable", "0", "")
    assert "syntax error" in found["reason"]


def test_a_damaged_file_name_does_not_stop_the_report(tmp_path):
    assert "ren\\xdce9" in rows(tmp_path, sheet(report("ren\udce9", ALL_PASSED)))


def test_a_folder_in_its_place_is_refused(tmp_path):
    (tmp_path / "grades.csv").mkdir()
    with pytest.raises(ReportError, match="a folder is there"):
        written(tmp_path, classroom())


def test_the_documentation_lists_every_column(tmp_path):
    page = (Path(__file__).parents[2] / "docs/report.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", page.split("\n## CSV\n")[1].split("\n## ")[0], re.MULTILINE)
    gradesheet = classroom()
    one = replace(gradesheet, assignment=replace(gradesheet.assignment, parts=gradesheet.assignment.parts[:1]))
    columns = list(rows(tmp_path, one)["ada"])
    assert [column.replace("part_mean", "part_ID") for column in columns] == listed
