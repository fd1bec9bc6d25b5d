"""Writes the gradesheet as JSON, for programs. docs/report.md describes every field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from grader.hookspecs import hookimpl
from grader.model import Gradesheet
from grader.outfile import write_whole


@hookimpl
def grader_report_kinds() -> Mapping[str, str]:
    """Name the kind."""
    return {"json": "everything, for programs and for the instructor alone (grader-report/1)"}


@hookimpl
def grader_write_report(kind: str, destination: Path, gradesheet: Gradesheet) -> Sequence[Path] | None:
    """Write one JSON object, indented, in UTF-8."""
    return [write_whole(destination, encode(gradesheet))] if kind == "json" else None


def encode(gradesheet: Gradesheet) -> bytes:
    """Encode a gradesheet; `msgspec.json.decode(..., type=Gradesheet)` is its inverse."""
    try:
        data = msgspec.json.encode(gradesheet)
    except UnicodeEncodeError:  # a file name that is not UTF-8 reaches us as lone surrogates
        data = msgspec.json.encode(_encodable(msgspec.to_builtins(gradesheet)))
    return msgspec.json.format(data, indent=2) + b"\n"


def _encodable(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_encodable(key): _encodable(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_encodable(inner) for inner in value]
    return value
