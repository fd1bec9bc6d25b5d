"""Loads a `.zip`, `.tar.gz` or `.tgz`, read in memory as if it were the folder that was packed."""

from __future__ import annotations

from pathlib import Path

from grader.hookspecs import hookimpl
from grader.intake.archive import read_archive
from grader.intake.names import ARCHIVES, suffix
from grader.intake.package import load_tree
from grader.model import Assignment, Loaded


@hookimpl
def grader_load(assignment: Assignment, path: Path) -> Loaded | None:
    """Find the file that is meant, as in a folder. An archive within the archive is a data file."""
    if suffix(path.name) not in ARCHIVES or path.is_dir():
        return None
    return load_tree(read_archive(path), assignment, path.name)
