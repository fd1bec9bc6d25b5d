"""Reading a JSON report that another run wrote."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from grader.errors import MergeRefused
from grader.model import Gradesheet

FORMAT = Gradesheet.__struct_defaults__[-1]
HOW = "write one with `grader run ASSIGNMENT --report json=FILE`"


class Source(Struct, frozen=True):
    """A gradesheet, and the name by which a person knows it."""

    name: str
    sheet: Gradesheet


class _Header(Struct):
    format: str = ""


def read_report(path: Path) -> Source:
    """Read a report of kind json.

    Raises:
        MergeRefused: if it is not there, no such report, of a newer format, or pretends to be a grade.
    """
    try:
        data = path.read_bytes()
        header = msgspec.json.decode(data, type=_Header)
        if header.format != FORMAT:
            raise MergeRefused(f"its format is {header.format or 'not said'!r}, not {FORMAT!r}", place=path, step=HOW)
        sheet = msgspec.json.decode(data, type=Gradesheet)
    except OSError as error:
        raise MergeRefused(
            f"this report cannot be read: {(error.strerror or str(error)).lower()}", place=path
        ) from None
    except msgspec.DecodeError as error:
        raise MergeRefused(f"this is not a report of kind json: {_plainly(error)}", place=path, step=HOW) from None
    if sheet.pretended:
        problem = f"its checks for a GPU ran on the {sheet.pretended}, so it is no grade"
        raise MergeRefused(problem, place=path, step="grade without --pretend-gpu")
    return Source(str(path), _with_versions(sheet))


def _with_versions(sheet: Gradesheet) -> Gradesheet:
    """Have each report say which version of the assignment and which machine it is of, also an older grader's."""
    reports = (
        replace(
            report,
            assignment_digest=report.assignment_digest or sheet.assignment.digest,
            machine=report.machine or (sheet.machine if report.checks else ""),
        )
        for report in sheet.submissions
    )
    return replace(sheet, submissions=tuple(reports))


def _plainly(error: msgspec.DecodeError) -> str:
    said = str(error)
    return (said[:1].lower() + said[1:]).replace("`", "'")
