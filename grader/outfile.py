"""Writes a file whole or not at all, for every report."""

from __future__ import annotations

import secrets
from pathlib import Path

from grader.errors import ReportError


def write_whole(destination: Path, content: str | bytes) -> Path:
    """Write a file beside its place and move it there, so that no reader ever sees half of it.

    Text is UTF-8; what UTF-8 cannot hold, such as the bytes of a damaged file name, is written as an escape.

    Errors:
        ReportError: if `destination` is a folder, or cannot be written.
    """
    data = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    if destination.is_dir():
        raise ReportError("this report is one file, and a folder is there", place=destination, step="name a file in it")
    try:
        return _written(destination, data)
    except OSError as error:
        problem = f"the report cannot be written: {(error.strerror or str(error)).lower()}"
        step = "choose a place that you may write to and that has room; the grades are kept in the gradebook"
        raise ReportError(problem, place=destination, step=step) from error


def _written(destination: Path, data: bytes) -> Path:
    if destination.exists() and not destination.is_file():  # /dev/stdout, a pipe
        destination.write_bytes(data)
        return destination
    target = destination.resolve()  # a link stays a link
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        draft.write_bytes(data)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return destination
