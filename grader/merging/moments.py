"""Moments in several time zones, compared."""

from __future__ import annotations

from datetime import UTC, datetime


def instant(moment: datetime) -> datetime:
    """Return the same moment in UTC; one without a time zone is taken to be in UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def earliest(*moments: datetime | None) -> datetime | None:
    """Return the first of those that are known; of one moment in two time zones, always the same."""
    known = [moment for moment in moments if moment is not None]
    return min(known, key=lambda moment: (instant(moment), moment.isoformat()), default=None)
