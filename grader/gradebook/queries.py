"""What the gradebook is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Select, func, select

from grader.gradebook.keys import plain
from grader.gradebook.origins import Origin
from grader.gradebook.schema import attempts, origins, results

CHUNK = 500  # an older SQLite takes 999 parameters a statement


def results_of(keys: Iterable[str]) -> Iterator[Select[Any]]:
    """Ask for the results of some keys, in statements that are not too long."""
    left = iter(dict.fromkeys(keys))
    while some := list(islice(left, CHUNK)):
        yield select(results.c.key, results.c.verdict).where(results.c.key.in_(some))


def results_like(origin: Origin) -> Select[Any]:
    """Ask for every result of this submission and these checks, on whatever machine; the newest first."""
    return (
        select(origins, results.c.verdict)
        .join(results, results.c.key == origins.c.key)
        .where(
            origins.c.submission == origin.submission,
            origins.c.assignment == origin.assignment,
            origins.c.sandbox == origin.sandbox,
            origins.c.inputs == origin.inputs,
        )
        .order_by(results.c.recorded.desc(), origins.c.key)
    )


def attempts_with(assignment: str, student: str, digest: str) -> Select[Any]:
    """Ask for a student's whole attempts that handed these files in, the oldest first."""
    return (
        select(attempts)
        .where(
            attempts.c.assignment == plain(assignment),
            attempts.c.student == plain(student),
            attempts.c.digest == digest,
            attempts.c.selection == "",
        )
        .order_by(attempts.c.id)
    )


def attempts_of(assignment: str | None, student: str | None, *, latest: bool) -> Select[Any]:
    """Ask for attempts; `latest`: for the one whole attempt a student and assignment that a run saw last."""
    query = select(attempts)
    if assignment is not None:
        query = query.where(attempts.c.assignment == plain(assignment))
    if student is not None:
        query = query.where(attempts.c.student == plain(student))
    return query.where(attempts.c.id.in_(_latest())) if latest else query


def _latest() -> Select[Any]:
    rank = func.row_number().over(
        partition_by=(attempts.c.assignment, attempts.c.student),
        order_by=(attempts.c.seen.desc(), attempts.c.id.desc()),
    )
    ranked = select(attempts.c.id, rank.label("rank")).where(attempts.c.selection == "").subquery()
    return select(ranked.c.id).where(ranked.c.rank == 1)


def nearest_to(number: int) -> Select[Any]:
    """Ask for the ids that a person may have meant."""
    return select(attempts.c.id).order_by(func.abs(attempts.c.id - number)).limit(3)
