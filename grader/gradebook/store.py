"""The gradebook: results by what decides them, attempts by who handed in what and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Engine, Row, select

from grader.errors import GradebookError
from grader.gradebook.faults import explained
from grader.gradebook.files import unpacked
from grader.gradebook.keys import is_settled
from grader.gradebook.origins import Found, Origin, from_text
from grader.gradebook.queries import attempts_of, attempts_with, nearest_to, results_like, results_of
from grader.gradebook.recording import (
    attempt_row,
    complete_attempt,
    record_attempt,
    record_files,
    record_origin,
    record_result,
)
from grader.gradebook.schema import attempts, submissions
from grader.model import Loaded, Report
from grader.work import Verdict

HIGHEST = 2**31 - 1  # PostgreSQL can compare with no larger one


class StoredAttempt(Struct, frozen=True):
    """An attempt as the gradebook holds it. `report.attempt` and `report.key` are filled in."""

    id: int
    assignment: str
    key: str
    only: str  # what --only selected; empty: all checks
    seed: bytes  # of the inputs that it was graded with
    settled: bool  # False: the grader broke, so it is graded again next time
    recorded: datetime  # by the first run that saw it
    seen: datetime  # by the last run that saw it
    report: Report


class Gradebook:
    """An open gradebook; `open_gradebook` makes one. Each method is one transaction.

    Every method raises GradebookError where the database fails in a way that a person can mend.
    """

    def __init__(self, engine: Engine, place: str, confirm_presence: Callable[[], None]) -> None:
        self.place = place
        self._confirm_presence = confirm_presence
        self._readers = engine
        self._writers = engine.execution_options(writes=True)

    # ---- results ---------------------------------------------------------------------------------------------------

    def result(self, key: str) -> Verdict | None:
        """Return the result of this key; None if it has to be graded."""
        return self.results([key]).get(key)

    def results(self, keys: Iterable[str]) -> dict[str, Verdict]:
        """Return the results of those keys that have one.

        One that this version cannot read is left out, and so graded again.
        """
        with self._reading() as connection:
            rows = [row for query in results_of(keys) for row in connection.execute(query)]
        found = ((row.key, _verdict(row.verdict)) for row in rows)
        return {key: verdict for key, verdict in found if verdict is not None}

    def results_like(self, origin: Origin) -> list[Found]:
        """Return the results of this submission and these checks on every machine, the newest first.

        What ran in another sandbox, or on inputs that were drawn otherwise, is not among them.
        """
        with self._reading() as connection:
            rows = connection.execute(results_like(origin)).all()
        return [
            Found(row.key, row.machine, from_text(row.environment), row.selection, row.language, verdict)
            for row in rows
            if (verdict := _verdict(row.verdict)) is not None
        ]

    # ---- attempts --------------------------------------------------------------------------------------------------

    def record(
        self,
        report: Report,
        verdict: Verdict | None,
        *,
        assignment: str,
        key: str,
        seed: bytes,
        loaded: Loaded | None = None,
        only: str = "",
        origin: Origin | None = None,
    ) -> int:
        """Store an attempt with its result and files, all or nothing, and return the attempt's id.

        The same assignment, student, digest, time handed in and key are the same attempt, whose report is replaced
        (a deadline may have moved, a break been mended); but one that is settled is never replaced by one that is
        not. A verdict that is not settled is no result. What could not even be loaded has no verdict, and `key` may
        be empty. `loaded` is kept for a replay, unless it is larger than KEEP_LIMIT. `origin` is the verdict's, and
        names it: with `key`, the attempt's, where other machines had found the rest.
        """
        row = attempt_row(report, assignment=assignment, key=key, seed=seed, only=only)
        with self._writing() as connection:
            if loaded is not None:
                record_files(connection, loaded)
            name = key if origin is None else origin.key
            if verdict is not None and name and is_settled(verdict):
                record_result(connection, name, verdict)
                if origin is not None:
                    record_origin(connection, origin)
            return record_attempt(connection, row)

    def attempts(
        self, assignment: str | None = None, student: str | None = None, *, latest: bool = True
    ) -> list[StoredAttempt]:
        """Return the attempts at an assignment, of a student, by assignment, student and id.

        `latest` leaves, of each student and assignment, the one that a run saw last, and none under `--only`.
        """
        with self._reading() as connection:
            rows = connection.execute(attempts_of(assignment, student, latest=latest)).all()
        stored = [self._stored(row) for row in rows]
        return sorted(stored, key=lambda attempt: (attempt.assignment, attempt.report.student, attempt.id))

    def attempts_with(self, assignment: str, student: str, digest: str) -> list[StoredAttempt]:
        """Return a student's whole attempts that handed these files in, the oldest first."""
        with self._reading() as connection:
            rows = connection.execute(attempts_with(assignment, student, digest)).all()
        return [self._stored(row) for row in rows]

    def complete(self, stored: StoredAttempt, report: Report) -> bool:
        """Replace the report of an attempt by one with more checks decided; False if a run has seen it since.

        It keeps its place among the student's attempts: nobody has handed it in again.
        """
        with self._writing() as connection:
            return complete_attempt(connection, stored.id, stored.seen, report)

    def attempt(self, number: int) -> StoredAttempt:
        """Return one attempt.

        Raises:
            GradebookError: if there is none of this number; it names the nearest.
        """
        near = min(max(number, 0), HIGHEST)
        with self._reading() as connection:
            row = connection.execute(select(attempts).where(attempts.c.id == near)).first()
            if row is None:
                raise self._missing(number, sorted(connection.scalars(nearest_to(near))))
        return self._stored(row)

    def files(self, digest: str) -> Loaded | None:
        """Return what was handed in, as it was loaded; None if it was not kept.

        Raises:
            GradebookError: if what is stored is not what was handed in.
        """
        with self._reading() as connection:
            blob = connection.scalar(select(submissions.c.files).where(submissions.c.digest == digest))
        return None if blob is None else unpacked(blob, digest, place=self.place)

    # ---- within ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self.place), self._readers.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with explained(self.place), self._writers.begin() as connection:
            yield connection
        self._confirm_presence()  # or it was written to a file that has no name any more

    def _stored(self, row: Row[Any]) -> StoredAttempt:
        try:
            report = msgspec.json.decode(row.report, type=Report)
        except msgspec.DecodeError as error:
            raise GradebookError(
                f"the report of attempt {row.id} cannot be read ({error})",
                place=self.place,
                step="use the version of the grader that wrote it, or grade it again with --fresh",
            ) from error
        report = msgspec.structs.replace(report, attempt=row.id, key=row.key, regraded=False)
        columns = ("id", "assignment", "key", "seed", "settled", "recorded", "seen")
        return StoredAttempt(**{name: getattr(row, name) for name in columns}, only=row.selection, report=report)

    def _missing(self, number: int, nearest: list[int]) -> GradebookError:
        step = "the gradebook is empty: grade something with `grader run`"
        if nearest:
            step = f"the nearest are {', '.join(map(str, nearest))}; `grader show` lists them"
        return GradebookError(f"there is no attempt {number}", place=self.place, step=step)


def _verdict(text: str) -> Verdict | None:
    try:
        return msgspec.json.decode(text, type=Verdict)
    except msgspec.DecodeError:
        return None
