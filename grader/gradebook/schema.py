"""The tables of a gradebook. docs/gradebook.md shows how to query them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    func,
    insert,
    inspect,
    select,
)

from grader.errors import GradebookError
from grader.gradebook.keys import in_utc

VERSION = 1
CREATION_LOCK = 0x67726164  # for PostgreSQL: one creates, the others wait; any number of ours


class Instant(TypeDecorator[datetime]):
    """A moment, stored in UTC and given back in UTC; SQLite itself knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert to UTC on the way in."""
        return None if value is None else in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Mark as UTC on the way out."""
        return None if value is None else in_utc(value).astimezone(UTC)


metadata = MetaData()

schema = Table("gradebook", metadata, Column("version", Integer, nullable=False))

# What was handed in, as it was loaded: once, however many hand it in.
submissions = Table(
    "submissions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("files", LargeBinary, nullable=False),  # zlib of msgpack of a Loaded
)

results = Table(
    "results",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("verdict", Text, nullable=False),  # JSON
    Column("recorded", Instant, nullable=False),
)

# What the key of a result was made of: so that results of one submission on several kinds of machine are found.
origins = Table(
    "origins",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("submission", String(64), nullable=False, index=True),
    Column("assignment", String(64), nullable=False),
    Column("machine", Text, nullable=False),  # its kind
    Column("environment", Text, nullable=False),  # versions, as JSON
    Column("sandbox", Text, nullable=False),
    Column("inputs", Text, nullable=False),  # how they are drawn
    Column("selection", Text, nullable=False),  # which checks; empty: all
    Column("language", String(8), nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("identity", String(64), nullable=False, unique=True),
    Column("assignment", Text, nullable=False, index=True),
    Column("student", Text, nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("key", String(64), nullable=False),
    Column("selection", Text, nullable=False),  # what --only named; empty: all checks
    Column("seed", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("settled", Boolean, nullable=False),  # false: the grader broke; the instructor should look
    Column("earned", Float, nullable=False),
    Column("pending", Float, nullable=False),
    Column("possible", Float, nullable=False),
    Column("submitted", Instant),
    Column("recorded", Instant, nullable=False),  # by the first run that saw it
    Column("seen", Instant, nullable=False),  # by the last run that saw it
    Column("report", Text, nullable=False),  # JSON
    sqlite_autoincrement=True,  # an id is never given out again
)


def ensure_tables(connection: Connection, *, place: str, create: bool) -> None:
    """Create the tables where there are none, in the caller's transaction.

    Raises:
        GradebookError: if there is none and `create` is false, if the database is something else's, or if a newer
            grader made it.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(CREATION_LOCK)))
    found = set(inspect(connection).get_table_names())
    if schema.name in found:
        _check_version(connection, place)
        if create and origins.name not in found:  # one of before there was this table
            origins.create(connection)
        return
    if not create:
        raise no_gradebook(place)
    _refuse_foreign(found, place, alone=connection.dialect.name == "sqlite")
    metadata.create_all(connection)
    connection.execute(insert(schema).values(version=VERSION))


def _check_version(connection: Connection, place: str) -> None:
    version = connection.scalar(select(schema.c.version))
    if version != VERSION:
        raise GradebookError(
            f"the gradebook is in version {version} of its tables; this grader knows version {VERSION}",
            place=place,
            step="use the version of the grader that wrote it, or another gradebook with --db",
        )


def _refuse_foreign(found: set[str], place: str, *, alone: bool) -> None:
    foreign = found if alone else found & set(metadata.tables)
    if foreign:
        raise GradebookError(
            f"this database holds something else: the table {min(foreign)!r} is not a gradebook's",
            place=place,
            step="name another file or database with --db",
        )


def no_gradebook(place: str) -> GradebookError:
    """Say that nothing has been recorded there yet."""
    return GradebookError(
        "there is no gradebook yet", place=place, step="grade something with `grader run`, or name one with --db"
    )
