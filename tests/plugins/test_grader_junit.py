from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from grader.errors import ReportError
from grader.manager import build_manager
from grader.model import Gradesheet, Outcome
from tests.plugins.gradesheets import CHECKS, SECRET, classroom, report, sheet

ALL_PASSED = dict.fromkeys((row[1] for row in CHECKS), Outcome.PASSED)


def written(folder: Path, gradesheet: Gradesheet) -> str:
    plugins = build_manager(defaults=["grader_junit"], installed=False)
    file = folder / "junit.xml"
    assert plugins.hook.grader_write_report(kind="junit", destination=file, gradesheet=gradesheet) == [file]
    return file.read_text(encoding="utf-8")


def suites(folder: Path, gradesheet: Gradesheet) -> dict[str, ET.Element]:
    return {suite.get("name", ""): suite for suite in ET.fromstring(written(folder, gradesheet))}


def test_a_suite_is_a_submission_and_a_case_is_a_check(tmp_path):
    found = suites(tmp_path, classroom())
    assert len(found) == 40
    assert [case.get("name") for case in found["ada"].iter("testcase")] == [row[2] for row in CHECKS]


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_its_element(tmp_path, outcome):
    suite = suites(tmp_path, sheet(report("ada", ALL_PASSED | {"kw_spsa": outcome})))["ada"]
    elements = [child.tag for case in suite.iter("testcase") for child in case]
    special = {
        Outcome.PASSED: [],
        Outcome.INVALID: ["error"],
        Outcome.BLOCKED: ["skipped"],
        Outcome.PENDING: ["skipped"],
    }
    assert elements == special.get(outcome, ["failure"])


def test_the_totals_are_those_of_the_cases(tmp_path):
    root = ET.fromstring(written(tmp_path, classroom()))
    for total, element in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(root.get(total, "")) == len(list(root.iter(element)))


def test_a_submission_without_a_score_says_why(tmp_path):
    found = suites(tmp_path, classroom())
    assert "syntax error" in found["goro"].find("testcase/failure").get("message")
    assert found["hana"].find("testcase/error").get("type") == "unfinished"
    assert [p for p in found["hana"].iter("property") if p.get("name") == "earned"] == []


def test_what_xml_cannot_hold_is_left_out(tmp_path):
    odd = report("a\x00b\x1bc\udce9\ufffe", ALL_PASSED | {"kw_spsa": Outcome.ERROR})
    checks = tuple(replace(check, message="\x07 <&> ]]>", title="\x0b") for check in odd.checks)
    (name,) = suites(tmp_path, sheet(replace(odd, checks=checks)))
    assert name == "abc"


def test_it_holds_nothing_that_is_for_the_instructor_alone(tmp_path):
    assert SECRET not in written(tmp_path, classroom())


def test_a_folder_in_its_place_is_refused(tmp_path):
    (tmp_path / "junit.xml").mkdir()
    with pytest.raises(ReportError, match="a folder is there"):
        written(tmp_path, classroom())
