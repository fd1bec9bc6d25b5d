"""What a database says when a person has something to mend, in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError

from grader.errors import GradebookError

UNREACHABLE = (
    "the database cannot be reached",
    "check the host, user, password and name in --db, and that PostgreSQL runs; `createdb NAME` makes a database",
)
BROKE_OFF = ("the database ended the connection", "run the same again when it is back: only what is missing is graded")
DISK_FULL = ("the disk is full", "make room, and run the same again: only what is missing is graded")
NOT_ALLOWED = ("this user may not create or write the tables", "have the owner of the database grant it")
OTHER = ("the database failed", "mend what it names, and run the same again: only what is missing is graded")

# By the beginnings of SQLite's error names and of PostgreSQL's SQLSTATEs.
KNOWN = {
    "SQLITE_NOTADB": ("this file is not a SQLite database", "name another file with --db"),
    "SQLITE_CORRUPT": (
        "the gradebook is damaged",
        "restore a backup, or save what is left with `sqlite3 FILE .recover`",
    ),
    "SQLITE_BUSY": ("another process has kept the gradebook locked", "wait until it ends, and run the same again"),
    "SQLITE_READONLY": ("the gradebook may not be written", "make it writable, or name another file with --db"),
    "SQLITE_CANTOPEN": ("the gradebook cannot be opened", "make it and its folder writable, or name another with --db"),
    "SQLITE_FULL": DISK_FULL,
    "SQLITE_IOERR_SHMSIZE": DISK_FULL,  # no room for the index of the log
    "53100": DISK_FULL,
    "SQLITE_IOERR": ("the disk failed", "name a file on a local disk with --db"),
    "25006": ("the database is read-only", "name the primary server in --db, or a user who may write"),
    "42501": NOT_ALLOWED,
    "3F000": NOT_ALLOWED,  # all schemas of the search path are hidden from the user
    "57P": BROKE_OFF,
}


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turn what a person can mend into a GradebookError; let our own mistakes through with their traceback."""
    try:
        yield
    except DBAPIError as error:
        found = explain(error, place)
        if found is None:
            raise
        raise found from error


def explain(error: DBAPIError, place: str) -> GradebookError | None:
    """Return what to tell the person, or None if the error is our own."""
    cause = error.orig
    name = str(getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or "")
    known = next((words for start, words in KNOWN.items() if name.startswith(start)), None)
    if known is None and isinstance(error, OperationalError) and name != "SQLITE_ERROR":  # that is a wrong statement
        known = OTHER if name else BROKE_OFF if error.connection_invalidated else UNREACHABLE
    if known is None:
        return None
    said = " ".join(str(cause).split())[:200]
    return GradebookError(f"{known[0]} ({said})", place=place, step=known[1])
