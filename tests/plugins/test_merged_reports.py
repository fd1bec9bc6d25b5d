"""A joined gradesheet in every kind of report, in both languages."""

import csv
from functools import partial
from xml.etree import ElementTree as ET

import pytest

from grader.manager import build_manager
from grader.merging import merged
from grader.model import Outcome
from grader.run import rescored
from tests.merging.sheets import CHECKS, GPU, assignment, check, named, report, sheet

PLUGINS = build_manager(defaults=["grader_html", "grader_junit", "grader_csv", "grader_console"], installed=False)


def joined(language: str):
    """Ada ran on a laptop and, without walls, on a machine with a GPU; ben on the laptop alone."""
    checks = [check(name, Outcome.PENDING if name in GPU else Outcome.PASSED) for name in CHECKS]
    cpu = sheet(report("ada", checks), report("ben", checks), language=language)
    gpu = sheet(
        report("ada", [check(name) for name in GPU], sandbox="none", machine="cuda NVIDIA H100"),
        environment={"torch": "2.6.0+cu126"},
        sandbox="none",
        language=language,
        machine="cuda NVIDIA H100",
    )
    return merged(named(cpu, gpu), partial(rescored, PLUGINS, assignment(), "pending"))


@pytest.fixture(params=["en", "zh"])
def write(request, tmp_path):
    def write(kind: str):
        (first, *_) = (
            PLUGINS.hook.grader_write_report(kind=kind, destination=tmp_path / kind, gradesheet=joined(request.param))
            or ()
        )
        return first

    return write


FORGED = ("these results can be forged", "结果可能被伪造")


def marked(text: str) -> bool:
    return any(words in text for words in FORGED)


def test_the_pages_name_both_machines_and_mark_what_can_be_forged(write):
    index = write("html")
    text = index.read_text(encoding="utf-8")
    assert "cpu; cuda NVIDIA H100" in text
    assert "2.6.0; 2.6.0+cu126" in text
    pages = {
        (folder, name): (index.parent / folder / f"{name}.html").read_text(encoding="utf-8")
        for folder in ("students", "instructor")
        for name in ("ada", "ben")
    }
    assert "cpu; cuda NVIDIA H100" in pages["instructor", "ada"]
    assert {place: marked(page) for place, page in pages.items()} == {
        ("students", "ada"): True,
        ("students", "ben"): False,
        ("instructor", "ada"): True,
        ("instructor", "ben"): False,
    }


def test_the_table_has_the_points_of_both(write):
    rows = csv.DictReader(write("csv").read_text(encoding="utf-8-sig").splitlines())
    assert [(row["student"], row["earned"], row["pending"], row["part_fast"], row["sandbox"]) for row in rows] == [
        ("ada", "135", "0", "30", "none"),
        ("ben", "105", "30", "", "bwrap"),
    ]


def test_only_what_still_waits_is_skipped(write):
    suites = ET.parse(write("junit")).getroot()
    assert {suite.get("name"): suite.get("skipped") for suite in suites} == {"ada": "0", "ben": "2"}


def test_the_console_says_that_some_can_be_forged(capsys):
    PLUGINS.hook.grader_run_finished(gradesheet=joined("zh"))
    assert marked(capsys.readouterr().out)
