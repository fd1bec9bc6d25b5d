"""`--pretend-gpu cpu`: checks that need a GPU run on the CPU, nothing is recorded, and every report says so."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

import grader_console
from grader.hardware import PRETENDED_DEVICES
from grader.hookspecs import hookimpl
from grader.ledger import Options
from grader.manager import build_manager
from grader.model import Gradesheet
from grader.pipeline import devices_of, write_report
from grader.teaching.release import release

pytest_plugins = ["tests.fakes.grading"]

ALL = "double passed scale passed speed passed"
SAYS = {"en": "This is no grade, and is recorded nowhere.", "zh": "这不是成绩，也没有存入成绩库。"}


@pytest.fixture
def pretended(lab):
    lab.hand_in(ada=ALL, ben="double passed scale failed speed failed")
    return lambda **options: lab.laptop(pretend_gpu="cpu", **options)


def written(kind: str, folder: Path, gradesheet: Gradesheet) -> Path:
    write_report(build_manager(installed=False), kind, folder / kind, release(gradesheet, "hints"))
    return folder / kind


# ---- the run -------------------------------------------------------------------------------------------------------


def test_checks_that_need_a_gpu_run(pretended):
    ada, ben = pretended().submissions
    assert (ada.earned, ada.pending, ada.possible) == (130, 0, 130)
    assert (ben.earned, ben.pending) == (60, 0)


def test_nothing_is_recorded_and_nothing_recorded_is_used(lab, pretended):
    lab.laptop()
    lab.judged()
    before = [attempt.report for attempt in lab.gradebook.attempts(latest=False)]
    sheet = pretended()
    assert lab.judged() == [(student, part) for student in ("ada", "ben") for part in ("double", "scale", "speed")]
    assert [attempt.report for attempt in lab.gradebook.attempts(latest=False)] == before
    assert {report.attempt for report in sheet.submissions} == {None}
    assert {report.pending for report in lab.laptop().submissions} == {30}


def test_its_results_have_another_name_than_any_machines(lab, pretended):
    real = {report.key for sheet in (lab.laptop(), lab.h100()) for report in sheet.submissions}
    assert real.isdisjoint(report.key for report in pretended().submissions)
    assert pretended().machine == "pretended"


def test_the_machines_own_gpus_are_left_alone(lab, pretended):
    class Forbidden:
        @hookimpl
        def grader_devices(self):
            raise AssertionError("nobody asks")

    lab.grading.plugins.register(Forbidden())
    assignment = lab.grading.course.assignment("1")
    assert devices_of(lab.grading.plugins, assignment, Options(pretend_gpu="cpu")) == PRETENDED_DEVICES
    with pytest.raises(AssertionError, match="nobody asks"):
        devices_of(lab.grading.plugins, assignment, Options())


def test_where_no_part_needs_a_gpu_nobody_is_asked(grading):
    assignment = grading.course.assignment("1")
    assert devices_of(grading.plugins, assignment, Options(pretend_gpu="cpu")) == ()


# ---- the reports ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", SAYS)
def test_every_page_says_so(pretended, tmp_path, language):
    pages = sorted(written("html", tmp_path, pretended(language=language)).rglob("*.html"))
    assert len(pages) == 5
    assert [page.name for page in pages if SAYS[language] not in page.read_text(encoding="utf-8")] == []


def test_no_page_of_a_real_run_does(lab, tmp_path):
    lab.hand_in(ada=ALL)
    for page in written("html", tmp_path, lab.h100()).rglob("*.html"):
        assert SAYS["en"] not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", SAYS)
def test_the_console_says_so(pretended, language):
    def said(sheet: Gradesheet) -> str:
        console = Console(file=io.StringIO(), width=200)
        grader_console.show(sheet, console)
        return console.file.getvalue()

    assert SAYS[language] in said(pretended(language=language))


def test_a_table_has_no_points_that_could_be_taken_for_a_grade(lab, pretended, tmp_path):
    def rows(sheet: Gradesheet) -> list[dict[str, str]]:
        text = written("csv", tmp_path, sheet).read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    assert [row["earned"] for row in rows(pretended())] == ["", ""]
    assert all(SAYS["en"] in row["attention"] for row in rows(pretended()))
    assert [row["earned"] for row in rows(lab.h100())] == ["130", "60"]


def test_junit_and_json_say_so(lab, pretended, tmp_path):
    def properties(sheet: Gradesheet) -> list[str | None]:
        suites = ET.parse(written("junit", tmp_path, sheet)).getroot()
        found = [suite.find("properties/property[@name='pretended']") for suite in suites]
        return [None if one is None else one.get("value") for one in found]

    assert properties(pretended()) == ["cpu", "cpu"]
    assert properties(lab.h100()) == [None, None]
    data = json.loads(written("json", tmp_path, pretended()).read_text())
    assert (data["pretended"], data["machine"]) == ("cpu", "pretended")
