"""Renders the pages: the class and each submission for the instructor, each submission for its student."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from urllib.parse import quote

import jinja2
import msgspec
from markupsafe import Markup

from grader.model import Gradesheet, Report, Status
from grader.teaching.feedback import Shown, shown, shown_to_student, titled
from grader.teaching.notation import duration, legible, points, signed
from grader.teaching.phrases import LANGUAGES, OUTCOMES, speaker
from grader.teaching.release import level_of
from grader.teaching.standing import PASS_MARK
from grader_html import classroom
from grader_html.growth import plots
from grader_html.words import WORDS

KINDS = {  # what each outcome looks like: six colours and icons, beside which the words always stand
    "passed": "good",
    "failed": "wrong",
    "blocked": "idle",
    "not_attempted": "idle",
    "pending": "wait",
    "invalid": "ours",
}  # the rest, in which student code misbehaved, is "fault"


def environment(language: str) -> jinja2.Environment:
    """Return the templates' environment: every value is escaped and made legible."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("grader_html"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: legible(value) if type(value) is str else value,
    )
    made.filters.update(points=points, signed=signed, duration=duration, quote=quote)
    made.filters["plots"] = plots
    made.filters["kind"] = lambda outcome: KINDS.get(outcome, "fault")
    made.globals.update(say=speaker(language), word=speaker(language, WORDS), outcome_word=_outcome_word(language))
    made.globals.update(Status=Status, titled=lambda what: titled(what, language))
    return made


def _outcome_word(language: str) -> Callable[[str], str]:
    column = LANGUAGES.index(language) if language in LANGUAGES else 0
    return lambda outcome: OUTCOMES[outcome][0][column]


def class_page(gradesheet: Gradesheet, rows: tuple[classroom.Row, ...], templates: jinja2.Environment) -> str:
    """Render the instructor's page of the whole class."""
    shares = classroom.scores(rows)
    script = templates.loader.get_source(templates, "table.js")[0] if templates.loader else ""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return templates.get_template("index.html").render(
        sheet=gradesheet,
        rows=rows,
        shares=shares,
        middle=classroom.middle(shares, gradesheet.assignment.possible),
        bars=classroom.distribution(shares),
        rates=classroom.check_rates(gradesheet),
        ideas=classroom.wrong_ideas(rows),
        low=PASS_MARK,
        script=Markup(script),
        script_digest=digest,
    )


def student_page(report: Report, gradesheet: Gradesheet, templates: jinja2.Environment) -> str:
    """Render what one student may read at the level of feedback. The template is given nothing else."""
    level = level_of(gradesheet)
    seen = shown_to_student(report, gradesheet.assignment, gradesheet.language, level)
    page = _page(seen, report, gradesheet)
    return templates.get_template("student.html").render(**page, level=level)


def instructor_page(
    row: classroom.Row, near: tuple[classroom.Row | None, ...], gradesheet: Gradesheet, templates: jinja2.Environment
) -> str:
    """Render one submission with all that is known of it. `near` are the rows before and after."""
    seen = shown(row.report, gradesheet.assignment, gradesheet.language)
    page = _page(seen, row.report, gradesheet)
    return templates.get_template("instructor.html").render(**page, slug=row.slug, near=near)


def _page(seen: Shown, report: Report, gradesheet: Gradesheet) -> Mapping[str, object]:
    forged = "none" in (report.sandbox, gradesheet.sandbox)
    marks = {"forged": forged, "pretended": bool(gradesheet.pretended)}
    return {**msgspec.structs.asdict(seen), "assignment": gradesheet.assignment, **marks}
