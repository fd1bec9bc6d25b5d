"""Opening a gradebook: an engine whose transactions are what they say, on tables that are ours."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event

from grader.errors import GradebookError
from grader.gradebook.address import address, file_of, make_private, place_of
from grader.gradebook.faults import explained
from grader.gradebook.mounts import on_network
from grader.gradebook.presence import presence
from grader.gradebook.schema import ensure_tables, no_gradebook
from grader.gradebook.store import Gradebook

GRADEBOOK_FILE = "gradebook.sqlite"  # in the course's folder, unless --db says otherwise
NO_LOG = ("SQLITE_IOERR", "SQLITE_PROTOCOL", "SQLITE_READONLY")  # no shared memory there, or nothing may be written
PATIENCE = 30.0  # seconds to wait for another process that writes


@contextmanager
def open_gradebook(where: str | Path, *, create: bool = True, patience: float = PATIENCE) -> Iterator[Gradebook]:
    """Open the gradebook at a path or URL, and close it again.

    A new SQLite file is its owner's alone (mode 0600). Several processes may have the same gradebook open; a process
    that forks must not use its parent's. With `create=False` one that is not there is an error, and it is enough that
    it may be read.

    Raises:
        GradebookError: if it cannot be opened, is none, or a newer grader made it.
    """
    url = address(where)
    place = place_of(url)
    engine = _engine(url, place, create=create, patience=patience)
    try:
        with explained(place), engine.execution_options(writes=create).begin() as connection:
            ensure_tables(connection, place=place, create=create)
        yield Gradebook(engine, place, presence(file_of(url), place=place))
    finally:
        engine.dispose()


def _engine(url: URL, place: str, *, create: bool, patience: float) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, place, create=create, patience=patience)
    try:
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": max(2, round(patience / 3))})
    except ImportError as error:
        raise GradebookError(
            "the driver for PostgreSQL is not installed", place=place, step="pip install 'dlgrader[postgres]'"
        ) from error


def _sqlite(url: URL, place: str, *, create: bool, patience: float) -> Engine:
    file = file_of(url)
    if file is not None:
        if not create and not file.exists():
            raise no_gradebook(place)
        make_private(file, place=place)
    pool: dict[str, Any] = {"poolclass": StaticPool} if file is None else {}
    engine = create_engine(url, connect_args={"timeout": patience, "check_same_thread": False}, **pool)
    shared = file is not None and on_network(file)
    event.listen(engine, "connect", lambda connection, _: _prepare(connection, patience, shared=shared))
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    """Take the write lock at once where we are to write: a lock that is upgraded later can fail without waiting."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare(connection: sqlite3.Connection, patience: float, *, shared: bool) -> None:
    """Leave BEGIN to us, and keep a write-ahead log where the file system can.

    With the log, a crash of the machine (not of the grader) may lose the last attempts, never the gradebook: they
    are graded again. Without it, only a full sync keeps the file whole.
    """
    connection.isolation_level = None
    mode = "" if shared else _journal(connection, "WAL")
    if mode not in ("wal", "memory"):
        _patiently(lambda: _journal(connection, "DELETE"), patience)
    connection.execute(f"PRAGMA synchronous = {'NORMAL' if mode == 'wal' else 'FULL'}")


def _journal(connection: sqlite3.Connection, mode: str) -> str:
    try:
        (answer,) = connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()
    except sqlite3.OperationalError as error:
        if mode == "WAL" and error.sqlite_errorname.startswith(NO_LOG):
            return ""
        raise
    return str(answer)


def _patiently(act: Callable[[], str], patience: float) -> str:
    """Try again while others hold the lock: SQLite does not wait by itself for a log to fall out of use."""
    until = time.monotonic() + patience
    while True:
        try:
            return act()
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > until:
                raise
        time.sleep(0.01)
