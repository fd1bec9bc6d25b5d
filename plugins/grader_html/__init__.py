"""Writes HTML pages: one for the instructor, one for each student that can be sent alone.

DIR/index.html              the class
DIR/instructor/NAME.html    one submission, with tracebacks and values
DIR/students/NAME.html      the same for its student, at the level of feedback

Nothing is written if a student's page would give away what is the instructor's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.errors import ReportError
from grader.hookspecs import hookimpl
from grader.model import Gradesheet
from grader.outfile import write_whole
from grader.teaching.release import level_of
from grader_html import classroom, lint, pages
from grader_html.slug import slugs


@hookimpl
def grader_report_kinds() -> Mapping[str, str]:
    """Name the kind."""
    return {"html": "a folder of pages: one for the instructor, one for each student"}


@hookimpl
def grader_write_report(kind: str, destination: Path, gradesheet: Gradesheet) -> Sequence[Path] | None:
    """Write the pages below `destination`, the instructor's first."""
    return _write(destination, gradesheet) if kind == "html" else None


def _write(folder: Path, gradesheet: Gradesheet) -> Sequence[Path]:
    if folder.exists() and not folder.is_dir():
        raise ReportError("an HTML report is a folder, and a file is there", place=folder, step="name another folder")
    templates = pages.environment(gradesheet.language)
    rows = classroom.rows(gradesheet, slugs(report.student for report in gradesheet.submissions))
    students = {row.slug: pages.student_page(row.report, gradesheet, templates) for row in rows}
    if level_of(gradesheet) != "full":
        _refuse_leaks(students, rows, folder)
    index = write_whole(folder / "index.html", pages.class_page(gradesheet, rows, templates))
    written = [index]
    for before, row, after in zip((None, *rows), rows, (*rows[1:], None), strict=False):
        instructor = pages.instructor_page(row, (before, after), gradesheet, templates)
        written.append(write_whole(folder / "students" / f"{row.slug}.html", students[row.slug]))
        written.append(write_whole(folder / "instructor" / f"{row.slug}.html", instructor))
    return written


def _refuse_leaks(students: Mapping[str, str], rows: Sequence[classroom.Row], folder: Path) -> None:
    """Raise a ReportError for the first student's page that gives something away."""
    for row in rows:
        if what := lint.given_away(students[row.slug], row.report):
            raise ReportError(
                f"students/{row.slug}.html would give away {what}",
                place=folder,
                step="nothing was written: leave out the plugin that made this report, or report this as a bug",
            )
