"""Notices that a gradebook's file is no longer there under its name.

SQLite goes on writing to a file that was deleted or moved away, and says nothing: all that it is told would be lost.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grader.errors import GradebookError


def presence(file: Path | None, *, place: str) -> Callable[[], None]:
    """Return what raises a GradebookError once the file that is there now is there no more."""
    if file is None:
        return lambda: None
    path = file.absolute()
    opened = _identity(path)

    def confirm() -> None:
        if _identity(path) != opened:
            raise GradebookError(
                "the gradebook was deleted, moved or replaced while it was open",
                place=place,
                step="put it back together with its -wal file, and run the same again: only what is missing is graded",
            )

    return confirm


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
