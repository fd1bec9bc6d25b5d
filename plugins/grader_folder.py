"""Loads a folder, whose modules may import each other and whose small data files come along."""

from __future__ import annotations

from pathlib import Path

from grader.hookspecs import hookimpl
from grader.intake.names import shown
from grader.intake.package import load_tree
from grader.intake.tree import read_folder, refuse_special
from grader.model import Assignment, Loaded


@hookimpl
def grader_load(assignment: Assignment, path: Path) -> Loaded | None:
    """Find the file that is meant: the assignment's module, or the only one that it can be."""
    if not path.is_dir():
        return None
    refuse_special(path.lstat().st_mode, shown(path.name))
    return load_tree(read_folder(path), assignment, path.name)
