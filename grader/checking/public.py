"""Runs test_public.py in this process, by pytest, against a module that is there already."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest

from grader.checking.recorder import Recorder, Wanted
from grader.checking.results import PublicRun
from grader.checking.student import Student, fill_gaps
from grader.errors import CourseError, Usage
from grader.model import Assignment
from grader.schema import nearest


def run_public(assignment: Assignment, student: Student, subject: str, wanted: Wanted) -> PublicRun:
    """Run the public checks on a student's module.

    Raises:
        CourseError: if test_public.py is missing, cannot be collected, or holds no check.
        Usage: if `wanted.only` is the name of no check.
    """
    test = assignment.folder / "test_public.py"
    if not test.is_file():
        step = "hand it out beside README.md"
        raise CourseError("the assignment has no test_public.py", place=assignment.folder, step=step)
    names = dict.fromkeys(name.partition(".")[0] for part in assignment.parts for name in part.names)
    fill_gaps(student.module, names, subject)
    recorder = Recorder(assignment, student, wanted)
    with _importable(assignment.module, student.module, assignment.folder), _alone(), _settings() as settings:
        pytest.main([str(test), *_arguments(assignment.folder, settings)], plugins=[recorder])
    _examine(recorder, test, wanted.only)
    return recorder.result(subject)


def _arguments(folder: Path, settings: Path) -> tuple[str, ...]:
    where = ("-c", str(settings), "--rootdir", str(folder), "--confcutdir", str(folder))
    quiet = ("-p", "no:terminal", "-p", "no:cacheprovider")
    return (*where, *quiet, "--import-mode=importlib", "--capture=sys")


def _examine(recorder: Recorder, test: Path, only: str) -> None:
    if recorder.broken:
        place, _, problem = recorder.broken.rpartition("\n")
        raise CourseError(
            f"test_public.py cannot be collected: {problem}", place=place or test, step="tell your teacher"
        )
    if only and not recorder.checks:
        meant = nearest(only, recorder.names)
        step = f"did you mean {' or '.join(meant)}?" if meant else f"the checks are {', '.join(recorder.names)}"
        raise Usage(f"no public check is called '{only}'", place=test, step=step)
    if not recorder.names:
        raise CourseError("test_public.py holds no check", place=test, step="tell your teacher")


@contextmanager
def _importable(name: str, module: ModuleType, folder: Path) -> Iterator[None]:
    """Have `import name` find this module; forget afterwards what was imported from the folder, and the module."""
    before = dict(sys.modules)
    sys.modules[name] = module
    try:
        yield
    finally:
        for imported, found in set(sys.modules.items()) - set(before.items()):
            file = getattr(found, "__file__", None)
            if imported == name or (file and folder in Path(file).parents):
                del sys.modules[imported]
        if name in before:
            sys.modules[name] = before[name]


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other plugins and the student's own settings of pytest out of it: it is quicker, and the same for all."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    with mock.patch.dict(os.environ, {**keep, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, clear=True):
        yield


@contextmanager
def _settings() -> Iterator[Path]:
    """Make an empty file of settings, so that none is looked for above the assignment."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "pytest.ini")
        settings.write_text("[pytest]\n", encoding="utf-8")
        yield settings
