"""What waits for a GPU is shown as waiting in every report: neither points nor loss."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace
from rich.console import Console

import grader_console
from grader.manager import build_manager
from grader.model import Gradesheet
from grader.pipeline import write_report
from grader.teaching.release import release

pytest_plugins = ["tests.fakes.grading"]

WORDS = {"en": ("waits for a machine", "30 waiting for a machine"), "zh": ("等待设备", "30 分等待设备")}


@pytest.fixture(params=WORDS)
def waiting(lab, request) -> Gradesheet:
    """A class of two on a machine without a GPU: one with full marks but for what waits, one with nothing else."""
    lab.hand_in(ada="double passed scale passed speed passed", ben="speed passed")
    return lab.laptop(language=request.param)


def written(kind: str, folder: Path, gradesheet: Gradesheet) -> Path:
    write_report(build_manager(installed=False), kind, folder / kind, release(gradesheet, "hints"))
    return folder / kind


def test_json(waiting, tmp_path):
    ada, ben = json.loads(written("json", tmp_path, waiting).read_text())["submissions"]
    assert (ada["earned"], ada["pending"], ada["possible"]) == (100, 30, 130)
    assert (ada["checks"][-1]["outcome"], ada["checks"][-1]["earned"]) == ("pending", 0)
    assert (ben["status"], ben["earned"], ben["pending"]) == ("graded", 0, 30)


def test_html(waiting, tmp_path):
    word, remark = WORDS[waiting.language]
    folder = written("html", tmp_path, waiting)
    for page in (folder / "students" / "ada.html", folder / "instructor" / "ada.html"):
        text = page.read_text(encoding="utf-8")
        assert remark in text
        assert f'<span class="badge">{word}</span>' in text
        assert "– / 30" in text  # and no zero
    assert WORDS[waiting.language][0] in (folder / "index.html").read_text(encoding="utf-8")


def test_junit(waiting, tmp_path):
    root = ET.parse(written("junit", tmp_path, waiting)).getroot()
    assert (root.get("failures"), root.get("skipped")) == ("0", "2")
    (skipped, _) = root.findall(".//skipped")
    assert skipped.get("type") == "pending"
    assert skipped.get("message", "").startswith(WORDS[waiting.language][0])
    assert root[0].find("properties/property[@name='pending']").get("value") == "30"


def test_csv(waiting, tmp_path):
    text = written("csv", tmp_path, waiting).read_text(encoding="utf-8-sig")
    ada, ben = csv.DictReader(io.StringIO(text))
    assert (ada["earned"], ada["pending"], ada["possible"], ada["part_speed"]) == ("100", "30", "130", "")
    assert (ben["earned"], ben["pending"], ben["attention"]) == ("", "30", "")  # no zero that would go to a gradebook


@pytest.mark.parametrize("student", ["all", "ada"])
def test_the_console(waiting, student):
    reports = tuple(report for report in waiting.submissions if student in ("all", report.student))
    console = Console(file=io.StringIO(), width=120, force_terminal=True, color_system=None)
    grader_console.show(replace(waiting, submissions=reports), console)
    said = console.file.getvalue()
    if student == "ada":
        assert WORDS[waiting.language][1] in said
        assert WORDS[waiting.language][0] in said
    else:
        assert said.count("0+") == 2  # the part, of each
        assert {"en": "30 pending", "zh": "30 分待测"}[waiting.language] in said
        assert "0/130" not in said.replace("100/130", "")
