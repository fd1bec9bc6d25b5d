"""Loads a notebook: one `.ipynb`, whatever its student called it. See docs/submissions.md for its cells."""

from __future__ import annotations

from pathlib import Path

from grader.hookspecs import hookimpl
from grader.intake.limits import NOTEBOOK
from grader.intake.names import suffix
from grader.intake.package import load_one
from grader.intake.tree import read_file
from grader.model import Assignment, Loaded


@hookimpl
def grader_load(assignment: Assignment, path: Path) -> Loaded | None:
    """Make a module that runs the cells in order, each on its own."""
    if suffix(path.name) != ".ipynb" or path.is_dir():
        return None
    return load_one(read_file(path, NOTEBOOK), path.name, assignment)
