"""The last look at a student's page before it is written: does it hold what only the instructor may read?

It looks at the page and not at how it was made, so that a mistake anywhere before it is caught: in a template, in what
is taken out of a report, in a plugin. What the student handed in, printed or was told is theirs and never counts.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from grader.model import Outcome, Report, Status
from grader.teaching.notation import legible

STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
SHORTEST_LINE = 12  # of a traceback: less could be anybody's words
A_PATH = re.compile(r"(?<![\w.~-])/(?:[\w.+-]+/)+[\w.+-]+")
A_SEED = re.compile(r"\b[0-9a-f]{32,}\b")


def given_away(page: str, report: Report) -> str | None:
    """Return what a student's page gives away, in words, or None. `report` is the whole one, with all its details."""
    text = _plain(html.unescape(TAG.sub(" ", STYLE.sub("", page))))
    theirs = _plain("\n".join(_theirs(report)))
    secrets = ((what, secret) for what, secret in _secrets(page, text, report) if secret not in theirs)
    return next((f"{what}: {secret[:80]}" for what, secret in secrets), None)


def _secrets(page: str, text: str, report: Report) -> Iterator[tuple[str, str]]:
    """Yield what is on the page and could be a secret."""
    for check in report.checks:
        lines = [line for each in check.detail.splitlines() if len(line := _plain(each)) >= SHORTEST_LINE]
        yield from ((f"a detail of '{check.name}'", line) for line in lines if line in text)
        if check.nearest and _plain(check.nearest) in text:
            yield f"what comes nearest in '{check.name}'", _plain(check.nearest)
        if check.diagnosis and _names(page, text, check.diagnosis.misconception):
            yield "the name of a misconception", check.diagnosis.misconception
    yield from (("a path of this machine", found[0]) for found in A_PATH.finditer(text))
    yield from (("a seed or a key", found[0]) for found in A_SEED.finditer(text))


def _names(page: str, text: str, name: str) -> bool:
    """Whether a page names a misconception. One that is an ordinary word has to stand alone in its element."""
    word = rf"\b{re.escape(name)}\b" if "_" in name else None
    return bool(name) and (f">{html.escape(name)}<" in page or bool(word and re.search(word, text)))


def _theirs(report: Report) -> Iterator[str]:
    yield from (report.student, Path(report.path).name, report.output, *report.notes)
    yield from (adjustment.reason for adjustment in report.adjustments)
    if report.status is not Status.UNFINISHED:
        yield report.reason
    for check in report.checks:
        yield check.title
        yield from (check.message, check.asked) if check.outcome is not Outcome.INVALID else ()
        yield check.diagnosis.hint if check.diagnosis else ""


def _plain(text: str) -> str:
    return " ".join(legible(text).split())
