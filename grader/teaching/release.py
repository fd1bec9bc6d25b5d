"""What a report gives away: a gradesheet with the level of feedback at which its students read it.

The level belongs to the reading and not to the result, so it is no part of a Gradesheet as a run makes it.
"""

from __future__ import annotations

from grader.model import Gradesheet
from grader.schema import Feedback
from grader.teaching.levels import USUAL


class Release(Gradesheet, frozen=True):
    """A gradesheet as reports are made from it. Encoded by msgspec it is the JSON report."""

    feedback: Feedback = USUAL


def release(gradesheet: Gradesheet, level: Feedback) -> Release:
    """Return the gradesheet, to be read at this level."""
    values = {name: getattr(gradesheet, name) for name in Gradesheet.__struct_fields__}
    return Release(**values, feedback=level)


def level_of(gradesheet: Gradesheet) -> Feedback:
    """Return the level at which students read it; the usual one where none was chosen."""
    return gradesheet.feedback if isinstance(gradesheet, Release) else USUAL


def is_for_instructor(gradesheet: Gradesheet) -> bool:
    """Whether even the pages made for students hold what no student may read."""
    return level_of(gradesheet) == "full"
