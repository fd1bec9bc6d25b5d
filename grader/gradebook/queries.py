"""What the gradebook is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Select, func, select

from grader.gradebook.keys import plain
from grader.gradebook.schema import attempts, results

CHUNK = 500  # an older SQLite takes 999 parameters a statement


def results_of(keys: Iterable[str]) -> Iterator[Select[Any]]:
    """Ask for the results of some keys, in statements that are not too long."""
    left = iter(dict.fromkeys(keys))
    while some := list(islice(left, CHUNK)):
        yield select(results.c.key, results.c.verdict).where(results.c.key.in_(some))


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
