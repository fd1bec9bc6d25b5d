"""Takes a tenth of the points for each day, or part of one, that a submission is late.

A course changes both numbers in course.toml:

    [settings.grader_late]
    share_per_day = 0.25
    free_minutes = 60

Where the time of handing in is not known, nothing is taken: a file's own time says when it was copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from grader.hookspecs import hookimpl
from grader.model import Adjustment, Assignment, Score, Submission

A_DAY = timedelta(days=1)


class Lateness(Struct, frozen=True, forbid_unknown_fields=True):
    """What a day costs, and what is free: clocks differ, uploads stall."""

    share_per_day: Annotated[float, Meta(ge=0, le=1)] = 0.10  # of the points for full marks
    free_minutes: Annotated[float, Meta(ge=0)] = 15.0

    @hookimpl
    def grader_adjust_score(self, assignment: Assignment, submission: Submission, score: Score) -> Adjustment | None:
        """Take points for each day begun after the deadline, never more than were earned."""
        if assignment.due is None or submission.submitted is None:
            return None
        late = submission.submitted - assignment.due
        if late <= timedelta(minutes=self.free_minutes):
            return None
        days = ceil(late / A_DAY)
        lost = min(score.earned, days * self.share_per_day * score.possible)
        return Adjustment(points=-lost, reason=f"{days} day{'s' if days > 1 else ''} late")


def configured(settings: Mapping[str, Any]) -> Lateness:
    """Return the plugin with a course's settings."""
    return msgspec.convert(settings, Lateness)
