"""Writes JUnit XML, which every continuous-integration service shows: a suite a submission, a case a check.

It holds no `detail`, since students often see what such a service shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from grader.hookspecs import hookimpl
from grader.model import Gradesheet, Outcome, Report, Status
from grader.outfile import write_whole
from grader.teaching.feedback import CheckFeedback, by_part, for_student
from grader.teaching.notation import points
from grader.teaching.standing import standing

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
ELEMENTS = {Outcome.BLOCKED: "skipped", Outcome.PENDING: "skipped", Outcome.INVALID: "error"}


@hookimpl
def grader_report_kinds() -> Mapping[str, str]:
    """Name the kind."""
    return {"junit": "JUnit XML: a suite a submission, a case a check"}


@hookimpl
def grader_write_report(kind: str, destination: Path, gradesheet: Gradesheet) -> Sequence[Path] | None:
    """Write one file with every suite."""
    return [write_whole(destination, document(gradesheet))] if kind == "junit" else None


def document(gradesheet: Gradesheet) -> bytes:
    """Return the XML document."""
    root = ET.Element("testsuites", _texts(name=gradesheet.assignment.id, time=f"{gradesheet.seconds:.3f}"))
    root.extend([_suite(report, gradesheet) for report in gradesheet.submissions])
    for total in ("tests", "failures", "errors", "skipped"):
        root.set(total, str(sum(int(suite.get(total, 0)) for suite in root)))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(report: Report, gradesheet: Gradesheet) -> ET.Element:
    cases = list(_cases(for_student(report), gradesheet))
    suite = ET.Element("testsuite", _texts(name=report.student, time=f"{report.seconds:.3f}"))
    if report.submitted:
        suite.set("timestamp", report.submitted.isoformat())
    suite.set("tests", str(len(cases)))
    for total, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(total, str(sum(case.find(element) is not None for case in cases)))
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report, gradesheet).items():
        ET.SubElement(properties, "property", _texts(name=name, value=value))
    suite.extend(cases)
    return suite


def _properties(report: Report, gradesheet: Gradesheet) -> Mapping[str, str]:
    at = standing(report, gradesheet.language)
    earned = {} if at.earned is None else {"earned": points(at.earned)}
    known = {"possible": at.possible, "pending": at.pending, "undecided": at.undecided}
    return earned | {name: points(value) for name, value in known.items()} | {"sandbox": report.sandbox}


def _cases(report: Report, gradesheet: Gradesheet) -> Iterable[ET.Element]:
    if report.status is not Status.GRADED:
        yield _unscored(report, gradesheet)
    for part in by_part(report, gradesheet.assignment, gradesheet.language):
        for check in part.checks:
            yield _case(check, f"{gradesheet.assignment.id}.{part.part.id}")


def _unscored(report: Report, gradesheet: Gradesheet) -> ET.Element:
    case = ET.Element("testcase", _texts(classname=gradesheet.assignment.id, name="load", time="0.000"))
    element = "failure" if report.status is Status.UNGRADABLE else "error"
    message = report.reason or standing(report, gradesheet.language).label
    ET.SubElement(case, element, _texts(type=report.status.value, message=message))
    return case


def _case(check: CheckFeedback, place: str) -> ET.Element:
    result = check.result
    case = ET.Element("testcase", _texts(classname=place, name=result.title, time=f"{result.seconds:.3f}"))
    if result.outcome is not Outcome.PASSED:
        message = f"{check.label}: {check.says}"
        found = ET.SubElement(
            case, ELEMENTS.get(result.outcome, "failure"), _texts(type=result.outcome.value, message=message)
        )
        found.text = NOT_XML.sub("", "\n".join(filter(None, (check.says, check.hint or check.advice))))
    return case


def _texts(**attributes: str) -> dict[str, str]:
    return {name: NOT_XML.sub("", value) for name, value in attributes.items()}
