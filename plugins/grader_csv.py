"""Writes a row a submission, for spreadsheets and learning platforms. docs/report.md describes the columns.

UTF-8 with a byte order mark, without which Excel reads 李雷 as Latin letters; rows end as RFC 4180 says.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.hookspecs import hookimpl
from grader.model import Gradesheet, Report
from grader.outfile import write_whole
from grader.teaching.feedback import PartFeedback, by_part
from grader.teaching.notation import legible, points
from grader.teaching.phrases import speaker
from grader.teaching.standing import standing

BYTE_ORDER_MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # a cell that starts so is run by a spreadsheet
FIRST = ("student", "status", "earned", "possible", "pending", "undecided", "attention")
LAST = ("adjustments", "reason", "submitted", "attempt", "seconds", "sandbox", "digest", "path")


@hookimpl
def grader_report_kinds() -> Mapping[str, str]:
    """Name the kind."""
    return {"csv": "a row a submission, a column a part, for spreadsheets"}


@hookimpl
def grader_write_report(kind: str, destination: Path, gradesheet: Gradesheet) -> Sequence[Path] | None:
    """Write the table."""
    return [write_whole(destination, table(gradesheet))] if kind == "csv" else None


def table(gradesheet: Gradesheet) -> str:
    """Return the whole table as text."""
    parts = [f"part_{part.id}" for part in gradesheet.assignment.parts]
    text = io.StringIO(BYTE_ORDER_MARK)
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)  # ends rows with CRLF
    writer.writerow(safe(name) for name in (*FIRST, *parts, *LAST))
    writer.writerows(_row(report, gradesheet) for report in gradesheet.submissions)
    return text.getvalue()


def _row(report: Report, gradesheet: Gradesheet) -> list[str]:
    at = standing(report, gradesheet.language)
    attention = at.attention or (speaker(gradesheet.language)("pretended") if gradesheet.pretended else "")
    earned = "" if attention or at.earned is None else points(at.earned)
    first = (report.student, report.status.value, earned, points(at.possible), points(at.pending))
    last = (
        "; ".join(f"{points(change.points)} {change.reason}" for change in report.adjustments),
        report.reason,
        report.submitted.isoformat() if report.submitted else "",
        "" if report.attempt is None else str(report.attempt),
        f"{report.seconds:.3f}",
        report.sandbox,
        report.digest,
        report.path,
    )
    return [safe(cell) for cell in (*first, points(at.undecided), attention, *_parts(report, gradesheet), *last)]


def _parts(report: Report, gradesheet: Gradesheet) -> list[str]:
    if gradesheet.pretended:
        return [""] * len(gradesheet.assignment.parts)
    parts = {part.part.id: part for part in by_part(report, gradesheet.assignment, gradesheet.language)}
    known = (parts.get(part.id) for part in gradesheet.assignment.parts)
    return ["" if part is None or _is_open(part) else points(part.earned) for part in known]


def _is_open(part: PartFeedback) -> bool:
    """Whether a part has no points to be taken for its own yet: some are undecided, or all of it waits."""
    return bool(part.undecided) or part.pending >= part.possible


def safe(cell: str) -> str:
    """Return the cell as one that no spreadsheet takes for a formula; a number stays a number."""
    shown = legible(cell)
    return f"'{shown}" if shown.lstrip(" ").startswith(FORMULA) and not _is_number(shown) else shown


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None
