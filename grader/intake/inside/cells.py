"""Runs a notebook's cells in order, so that one that raises does not take the others with it.

It travels with a submission as `__grader_cells__.py` and runs in its sandbox. Each cell is compiled under the name
"cell 7", so that a traceback says "cell 7, line 3". A cell that stopped at a name which a later cell defines is run
once more after the others, and then does not replace what later cells defined.
"""

from __future__ import annotations
import __future__

import builtins
import linecache
from collections.abc import Iterable
from typing import Any

FUTURES = sum(getattr(__future__, name).compiler_flag for name in set(__future__.all_feature_names))
LONGEST = 280  # characters of a note
MISSING = object()

Failure = tuple[int, str, BaseException]  # a cell's number, its source, what it raised


def run(cells: Iterable[tuple[int, str]], namespace: dict[str, Any]) -> list[str]:
    """Run the cells in a module's namespace; return a sentence for each that did not end well.

    Raises:
        what the first cell raised, if no cell ended well and none defined anything.
    """
    notebook = Notebook(namespace)
    failed = [failure for cell in cells if (failure := notebook.attempt(*cell))]
    failed = notebook.again(failed)
    for failure in failed:
        notebook.notes.append(sentence(*failure))
    if failed and not notebook.ran and not notebook.bound_by:
        raise failed[0][2]
    return notebook.notes


class Notebook:
    """The cells' namespace, which cell bound each name last, and the notes."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.bound_by: dict[str, int] = {}
        self.notes: list[str] = []
        self.ran = 0
        self.flags = 0  # `from __future__ import ...` holds for the cells after it
        self.number = 0
        self.asked: set[int] = set()
        vars(builtins)["input"] = self.input

    def attempt(self, number: int, source: str) -> Failure | None:
        """Run a cell; return how it failed, if it did."""
        self.number = number
        before = dict(self.namespace)
        try:
            self._execute(f"cell {number}", source)
            self.ran += 1
        except BaseException as error:
            return number, source, error
        finally:
            for name, value in self.namespace.items():
                if before.get(name, MISSING) is not value and name != "__builtins__":
                    self.bound_by[name] = number
            self.number = 0
        return None

    def _execute(self, name: str, source: str) -> None:
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        code = compile(source, name, "exec", flags=self.flags, dont_inherit=True)
        self.flags |= code.co_flags & FUTURES
        exec(code, self.namespace)

    def again(self, failed: list[Failure]) -> list[Failure]:
        """Run once more each cell that lacked a name which is there now, until no more of them succeed."""
        while ready := [failure for failure in failed if lacked(failure[2]) in self.namespace]:
            remaining = []
            for failure in failed:
                after = self._once_more(failure) if failure in ready else failure
                remaining += [after] if after else []
            if len(remaining) == len(failed):
                return remaining
            failed = remaining
        return failed

    def _once_more(self, failure: Failure) -> Failure | None:
        number, source, error = failure
        later = {name for name, by in self.bound_by.items() if by > number}
        kept = {name: (self.namespace[name], self.bound_by[name]) for name in later & self.namespace.keys()}
        after = self.attempt(number, source)
        for name, (value, by) in kept.items():
            self.namespace[name], self.bound_by[name] = value, by
        if after is None:
            why = f"needed {lacked(error)}, which a later cell defines"
            self.notes.append(f"cell {number} {why}: it was run again after the others")
        return after

    def input(self, _prompt: object = "", /) -> str:
        """Answer as somebody who presses Enter."""
        if self.number and self.number not in self.asked:
            self.asked.add(self.number)
            self.notes.append(f"cell {self.number} called input(), which was answered with an empty line")
        return ""


def lacked(error: BaseException) -> str | None:
    """Return the global name that an exception says was not defined."""
    return error.name if type(error) is NameError else None


def sentence(number: int, source: str, error: BaseException) -> str:
    """Say what a cell raised, where, and that it was passed over."""
    line = error.lineno or 0 if isinstance(error, SyntaxError) else line_of(error, f"cell {number}")
    lines = source.splitlines()
    place = f" (line {line}, `{lines[line - 1].strip()}`)" if 0 < line <= len(lines) else ""
    said = message(error)
    text = f"cell {number} raised {type(error).__name__} and was passed over{': ' if said else ''}{said}{place}"
    return " ".join(text.split())[:LONGEST]


def message(error: BaseException) -> str:
    """Return an exception's message, where it can be had."""
    try:
        return error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:  # a student's own __str__
        return ""


def line_of(error: BaseException, name: str) -> int:
    """Return the line in the cell itself that the exception came through, or 0."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name:
            return trace.tb_lineno
        trace = trace.tb_next
    return 0
