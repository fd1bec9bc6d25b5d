"""Which heading of a handout explains which part, read from the handout as it is."""

from __future__ import annotations

import re

from grader.model import Assignment, Section

FILES = {"en": "README.md", "zh": "README.zh.md"}
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*[(（][^()（）]*\d\s*(?:points?|分)[)）]\s*$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)  # in which a # begins a comment


def sections(assignment: Assignment) -> tuple[Section, ...]:
    """Return the section of each part, in each language in which there is a handout.

    The headings that state points are those of the parts, in their order: "Part 2: Attention (25 points)". A handout
    in which they are more or fewer than the parts has none that could be told.
    """
    return tuple(found for language in FILES for found in _of_one(assignment, language))


def _of_one(assignment: Assignment, language: str) -> list[Section]:
    path = assignment.folder / FILES[language]
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    headings = HEADING.findall(CODE.sub("", text))
    if len(headings) != len(assignment.parts):
        return []
    return [
        Section(part.id, language, path.name, heading) for part, heading in zip(assignment.parts, headings, strict=True)
    ]
