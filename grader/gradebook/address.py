"""Where a gradebook is: a path or a URL, checked before anything is opened."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from grader.errors import GradebookError

SCHEMES = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
FORMS = "write a path, sqlite:///PATH or postgresql://USER@HOST/DATABASE"


def address(where: str | Path) -> URL:
    """Return the URL of a gradebook.

    Raises:
        GradebookError: if it is neither a path nor the URL of a kind of database that we know.
    """
    if isinstance(where, Path):
        return URL.create("sqlite+pysqlite", database=str(where))
    if "://" not in where:
        return _path(where)
    try:
        url = make_url(where)
    except (ArgumentError, ValueError) as error:  # says nothing of the URL itself, which may hold a password
        raise GradebookError("the address of the gradebook cannot be read", place="--db", step=FORMS) from error
    if url.drivername not in SCHEMES:
        raise GradebookError(f"there are no gradebooks in {url.drivername!r}", place="--db", step=FORMS)
    return url.set(drivername=SCHEMES[url.drivername])


def _path(text: str) -> URL:
    if not text or re.match(r"[a-z]\w+:", text):  # sqlite:grades.db would else become a file of that name
        raise GradebookError(f"{text!r} is neither a path nor a URL", place="--db", step=FORMS)
    return URL.create("sqlite+pysqlite", database=text)


def file_of(url: URL) -> Path | None:
    """Return the file that a SQLite URL names; None where there is none (in memory, PostgreSQL)."""
    name = url.database or ""
    if url.get_backend_name() != "sqlite" or name in ("", ":memory:"):
        return None
    return Path(name.removeprefix("file:"))


def place_of(url: URL) -> str:
    """Return what to show a person: the file, or the URL without what may be a secret."""
    file = file_of(url)
    return url.set(query={}).render_as_string(hide_password=True) if file is None else str(file)


def make_private(file: Path, *, place: str) -> None:
    """Create the file, and its folder where only that is missing, for its owner alone to read.

    Raises:
        GradebookError: if it is something else than a file, or cannot be created.
    """
    if file.exists() and not file.is_file():
        kind = "folder" if file.is_dir() else "device"
        raise GradebookError(f"this is a {kind}, not a gradebook", place=place, step="name a file with --db")
    try:
        file.parent.mkdir(exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
    except OSError as error:
        raise GradebookError(
            f"the gradebook cannot be created ({error.strerror})",
            place=place,
            step="name a file in a folder that exists and is writable with --db",
        ) from error
