"""Loads a module: one `.py`, whatever its student called it."""

from __future__ import annotations

from pathlib import Path

from grader.hookspecs import hookimpl
from grader.intake.limits import MODULE
from grader.intake.names import suffix
from grader.intake.package import load_one
from grader.intake.tree import read_file
from grader.model import Assignment, Loaded


@hookimpl
def grader_load(assignment: Assignment, path: Path) -> Loaded | None:
    """Take the file as it is, once it is known to be Python."""
    if suffix(path.name) != ".py" or path.is_dir():
        return None
    return load_one(read_file(path, MODULE), path.name, assignment)
