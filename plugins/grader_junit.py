"""Writes JUnit XML, which every continuous-integration service shows: a suite a submission, a case a check.

Students often see what such a service shows, so it holds what they may read at the level of feedback.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from grader.hookspecs import hookimpl
from grader.model import CheckResult, Gradesheet, Outcome, Report, Status
from grader.outfile import write_whole
from grader.teaching.feedback import CheckFeedback, PartFeedback, Shown, shown_to_student
from grader.teaching.notation import points
from grader.teaching.release import level_of

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
A_ROUNDING = 1e-6
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
    seen = shown_to_student(report, gradesheet.assignment, gradesheet.language, level_of(gradesheet))
    cases = list(_cases(seen, gradesheet.assignment.id))
    suite = ET.Element("testsuite", _texts(name=report.student, time=f"{report.seconds:.3f}"))
    if report.submitted:
        suite.set("timestamp", report.submitted.isoformat())
    suite.set("tests", str(len(cases)))
    for total, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(total, str(sum(case.find(element) is not None for case in cases)))
    properties = ET.SubElement(suite, "properties")
    pretended = {"pretended": gradesheet.pretended} if gradesheet.pretended else {}
    for name, value in {**_properties(seen), **pretended}.items():
        ET.SubElement(properties, "property", _texts(name=name, value=value))
    suite.extend(cases)
    return suite


def _properties(seen: Shown) -> Mapping[str, str]:
    at = seen.standing
    earned = {} if at.earned is None else {"earned": points(at.earned)}
    known = {"possible": at.possible, "pending": at.pending, "undecided": at.undecided}
    return earned | {name: points(value) for name, value in known.items()} | {"sandbox": seen.report.sandbox}


def _cases(seen: Shown, assignment: str) -> Iterable[ET.Element]:
    if seen.report.status is not Status.GRADED:
        yield _unscored(seen, assignment)
    for part in seen.parts:
        place = f"{assignment}.{part.part.id}"
        yield from ([_case(check, place) for check in part.checks] or [_points_alone(part, place)])


def _unscored(seen: Shown, assignment: str) -> ET.Element:
    case = ET.Element("testcase", _texts(classname=assignment, name="load", time="0.000"))
    status = seen.report.status
    element = "failure" if status is Status.UNGRADABLE else "error"
    message = seen.report.reason or seen.standing.label
    ET.SubElement(case, element, _texts(type=status.value, message=message))
    return case


def _points_alone(part: PartFeedback, place: str) -> ET.Element:
    """Make a case of a part whose checks are not shown: it fails where points were lost."""
    case = ET.Element("testcase", _texts(classname=place, name=part.title, time="0.000"))
    message = f"{points(part.earned)}/{points(part.possible)}"
    if part.possible - part.earned - part.pending - part.undecided > A_ROUNDING:
        ET.SubElement(case, "failure", _texts(type="points", message=message))
    elif part.pending or part.undecided:
        ET.SubElement(case, "error" if part.undecided else "skipped", _texts(type="points", message=message))
    return case


def _case(check: CheckFeedback, place: str) -> ET.Element:
    result = check.result
    case = ET.Element("testcase", _texts(classname=place, name=result.title, time=f"{result.seconds:.3f}"))
    if result.outcome is not Outcome.PASSED:
        message = f"{check.label}: {check.says}" if check.says else check.label
        found = ET.SubElement(
            case, ELEMENTS.get(result.outcome, "failure"), _texts(type=result.outcome.value, message=message)
        )
        texts = (check.asked, check.says, check.hint or check.advice, check.section, *_secrets(result))
        found.text = NOT_XML.sub("", "\n".join(filter(None, texts)))
    return case


def _secrets(result: CheckResult) -> tuple[str, ...]:
    """Return what is for the instructor: at any level but `full`, nothing is left of it."""
    return (result.diagnosis.misconception if result.diagnosis else "", result.nearest, result.detail)


def _texts(**attributes: str) -> dict[str, str]:
    return {name: NOT_XML.sub("", value) for name, value in attributes.items()}
