"""A solution that notes which of its functions run, in this process and in all that are forked from it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from mmap import mmap
from pathlib import Path
from types import ModuleType

import pytest

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
NOTE = "__note_that_it_runs__"


class Trace:
    """A module, and what of it has run. It is asked in forks, so what it notes lies in memory that they share."""

    def __init__(self, path: Path) -> None:
        tree = ast.parse(path.read_bytes())
        self.functions = tuple(_noting(tree))
        self.ran = mmap(-1, max(1, len(self.functions)))
        self.module = ModuleType(path.stem)
        self.module.__file__ = str(path)
        setattr(self.module, NOTE, self._note)
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, path.stem, self.module)  # dataclasses and annotations look it up
            exec(compile(ast.fix_missing_locations(tree), str(path), "exec"), vars(self.module))

    def taken(self) -> frozenset[str]:
        """Return the functions that have run since this was last asked."""
        names = frozenset(name for name, ran in zip(self.functions, bytes(self.ran[:]), strict=False) if ran)
        self.ran[:] = bytes(len(self.ran))
        return names

    def _note(self, number: int) -> None:
        self.ran[number] = 1


def _noting(tree: ast.Module) -> Iterator[str]:
    """Have each function or method of a module say its number first; yield their names, in the order of the numbers."""
    for number, (name, function) in enumerate(_functions(tree, ())):
        after_docstring = 1 if ast.get_docstring(function) is not None else 0
        note = ast.Call(ast.Name(NOTE, ast.Load()), [ast.Constant(number)], [])
        function.body.insert(after_docstring, ast.Expr(note))
        yield name


def _functions(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield functions and methods with their qualified names. What is nested in one belongs to it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS):
            yield ".".join((*names, child.name)), child
        else:
            yield from _functions(child, (*names, child.name) if isinstance(child, ast.ClassDef) else names)
