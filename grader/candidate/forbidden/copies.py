"""Finds copies: functions in a student's module with, word for word, the code of something that is ruled out.

Such is what pasting the library's source leaves, or executing it once more. One name changed, and it is another code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from grader.candidate.forbidden.closing import methods
from grader.wire.meaning import bodies

LEAST = 200  # bytes of code, some forty operations: with all names alike as well, no chance makes that

Wording = tuple[bytes, tuple[str, ...], tuple[str, ...]]


class Copies:
    """The wording of what is ruled out, and the entry that says so. `__init__` may be alike: it does not compute."""

    def __init__(self) -> None:
        self.entries: dict[Wording, str] = {}
        self.sizes: set[tuple[int, int]] = set()  # asked first: most functions differ there

    def add(self, found: Any, text: str) -> None:
        """Look for copies of a function, or of the methods of a class."""
        for function in methods(found) if isinstance(found, type) else bodies(found):
            code = function.__code__
            if len(code.co_code) >= LEAST and code.co_name != "__init__":
                self.entries[_wording(code)] = text
                self.sizes.add(_size(code))

    def within(self, module: ModuleType) -> Iterator[tuple[FunctionType, str]]:
        """Yield the copies that a module has, or a class of it."""
        for function in _functions(module) if self.entries else ():
            code = function.__code__
            if _size(code) in self.sizes and (text := self.entries.get(_wording(code))) is not None:
                yield function, text


def _wording(code: CodeType) -> Wording:
    return code.co_code, code.co_names, code.co_varnames


def _size(code: CodeType) -> tuple[int, int]:
    return code.co_nlocals, code.co_stacksize


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    """Yield the functions of a module and the methods of its classes, but for what is a library's own."""
    for value in list(vars(module).values()):
        for kind in value.__mro__ if isinstance(value, type) else ():
            if not _is_a_librarys(kind, module):
                yield from methods(kind)
        if isinstance(value, FunctionType) and not _is_a_librarys(value, module):
            yield from bodies(value)


def _is_a_librarys(value: Any, module: ModuleType) -> bool:
    """Whether another module has it under its name: a copy says that it is of a module which has the original."""
    home = sys.modules.get(value.__module__ or "")
    return home is not module and getattr(home, "__dict__", {}).get(value.__name__) is value
