"""Lines that a student can go to, from tracebacks and definitions."""

from __future__ import annotations

import inspect
import linecache
import re
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

from grader.checking.results import Place

CELL = re.compile(r"cell \d+")
Locate = Callable[[str, int], Place | None]  # (file name as Python knows it, line) -> a place in the student's code


def in_file(path: Path) -> Locate:
    """Locate lines of one file."""
    full = str(path)
    return lambda name, line: Place(f"{path.name}, line {line}", code_at(full, line)) if name == full else None


def in_notebook(name: str, line: int) -> Place | None:
    """Locate lines of a notebook's cells, which its loader compiles under names such as `cell 7`."""
    return Place(f"{name}, line {line}", code_at(name, line)) if CELL.fullmatch(name) else None


def code_at(name: str, line: int) -> str:
    """Return a line of source, without its indentation."""
    return linecache.getline(name, line).strip()


def last_place(error: BaseException, locate: Locate) -> Place | None:
    """Return the innermost line of an exception's traceback that `locate` knows."""
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    places = (locate(name, line) for name, line in reversed(frames))
    return next((place for place in places if place is not None), None)


def definition(module: ModuleType, names: Iterable[str], locate: Locate) -> Place | None:
    """Return the line where the first of these names is defined."""
    for name in names:
        for file in _files_of(getattr(module, name, None)):
            lines = linecache.getlines(file)
            starts = [n for n, line in enumerate(lines, 1) if re.match(rf"(async )?(def|class) {name}\b", line)]
            if starts and (place := locate(file, starts[-1])) is not None:
                return place
    return None


def _files_of(value: object) -> list[str]:
    """Return the files of a function, or of a class's methods."""
    members = vars(value).values() if isinstance(value, type) else (value,)
    codes = (getattr(inspect.unwrap(member), "__code__", None) for member in members if callable(member))
    return [code.co_filename for code in codes if code is not None]
