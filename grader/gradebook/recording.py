"""Writing an attempt: statements that leave the same rows however often, and by however many, they are run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from grader.gradebook.files import packed
from grader.gradebook.keys import attempt_identity, is_settled, plain
from grader.gradebook.origins import Origin, as_text
from grader.gradebook.schema import attempts, origins, results, submissions
from grader.model import Loaded, Report
from grader.work import Verdict


def attempt_row(report: Report, *, assignment: str, key: str, seed: bytes, only: str) -> dict[str, Any]:
    """Return an attempt as a row, without what only one run of the grader knows of it."""
    now = datetime.now(UTC)
    return {
        "identity": attempt_identity(report, assignment=assignment, key=key),
        "assignment": plain(assignment),
        "student": plain(report.student),
        "digest": report.digest,
        "key": key,
        "selection": plain(only),
        "seed": seed,
        "submitted": report.submitted,
        "recorded": now,
        "seen": now,
        **_said(msgspec.structs.replace(report, key=key)),
    }


def _said(report: Report) -> dict[str, Any]:
    """Return the columns that hold what a report says."""
    return {
        "status": report.status.value,
        "settled": is_settled(report),
        "earned": report.earned,
        "pending": report.pending,
        "possible": report.possible,
        "report": _json(msgspec.structs.replace(report, attempt=None, regraded=True)),
    }


def record_attempt(connection: Connection, row: dict[str, Any]) -> int:
    """Store an attempt, or take note that it was seen again, and return its id."""
    found = _again(connection, row) or _first(connection, row) or _again(connection, row)
    assert found is not None, "an attempt that is neither there nor can be added"
    return found


def _first(connection: Connection, row: dict[str, Any]) -> int | None:
    """Add the attempt; None if another process did so since we looked."""
    added: int | None = connection.scalar(_insert_new(connection, attempts, row).returning(attempts.c.id))
    return added


def _again(connection: Connection, row: dict[str, Any]) -> int | None:
    same = attempts.c.identity == row["identity"]
    known = connection.execute(select(attempts.c.id, attempts.c.settled).where(same).with_for_update()).first()
    if known is None:
        return None
    changes = {name: value for name, value in row.items() if name not in ("identity", "recorded")}
    if known.settled and not row["settled"]:
        changes = {"seen": row["seen"]}  # a grade that stood is not lost to a break of ours
    connection.execute(update(attempts).where(same).values(changes))
    return int(known.id)


def record_result(connection: Connection, key: str, verdict: Verdict) -> None:
    """Store a result; the last one stands (under --fresh, or with checks filled in that were pending)."""
    row = {"key": key, "verdict": _json(verdict), "recorded": datetime.now(UTC)}
    new = _insert(connection, results).values(row)
    differs = results.c.verdict != new.excluded.verdict
    connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=row, where=differs))


def record_origin(connection: Connection, origin: Origin) -> None:
    """Keep what the name of a result is made of."""
    row = {
        "key": origin.key,
        "submission": origin.submission,
        "assignment": origin.assignment,
        "machine": origin.machine,
        "environment": as_text(origin.environment),
        "sandbox": origin.sandbox,
        "inputs": origin.inputs,
        "selection": plain(origin.selection),
        "language": origin.language,
    }
    connection.execute(_insert_new(connection, origins, row))


def complete_attempt(connection: Connection, attempt: int, seen: datetime, report: Report) -> bool:
    """Replace the report of an attempt, unless a run has seen it since; tell whether it was replaced."""
    same = (attempts.c.id == attempt) & (attempts.c.seen == seen)
    changed = connection.execute(update(attempts).where(same).values(_said(report)))
    return changed.rowcount == 1


def record_files(connection: Connection, loaded: Loaded) -> None:
    """Keep what was handed in, once, unless it is too large."""
    digest = loaded.digest
    if connection.scalar(select(submissions.c.digest).where(submissions.c.digest == digest)) is not None:
        return
    blob = packed(loaded)
    if blob is not None:
        connection.execute(_insert_new(connection, submissions, {"digest": digest, "files": blob}))


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def _insert_new(connection: Connection, table: Table, row: dict[str, Any]) -> sqlite.Insert | postgresql.Insert:
    return _insert(connection, table).values(row).on_conflict_do_nothing()


def _json(value: Report | Verdict) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        return msgspec.json.encode(plain(msgspec.to_builtins(value))).decode()
