"""Where a solution is changed: in what a student writes, and not in what no check can be asked to notice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import libcst as cst
from libcst.metadata import CodeRange

from grader.teaching.regions import Region

UNASKED = cst.Import | cst.ImportFrom | cst.Annotation | cst.Decorator
HARMLESS = {"len", "isinstance"}  # mutmut leaves calls of these alone too: changed, they raise, which proves nothing


class Place(NamedTuple):
    """A node of a solution, and the function or method in which it is: empty outside of any."""

    function: str
    node: cst.CSTNode


class Places:
    """The nodes in the solution regions of a module, and the defaults of the functions that hold a region."""

    def __init__(self, positions: Mapping[cst.CSTNode, CodeRange], regions: Collection[Region]) -> None:
        self.positions = positions
        self.regions = regions
        self.owners = {region.owner for region in regions}

    def within(self, statement: cst.CSTNode) -> Iterator[Place]:
        """Yield the places in a statement of the module's body, from the first to the last."""
        yield from self._below(statement, (), inside=False, solution=False)

    def _below(self, node: cst.CSTNode, names: Sequence[str], *, inside: bool, solution: bool) -> Iterator[Place]:
        """Yield a node and those below it. `inside`: in a function, whose name stands for all that is nested in it."""
        if _is_left_out(node):
            return
        if isinstance(node, cst.ClassDef | cst.FunctionDef) and not inside:
            names, inside = (*names, node.name.value), isinstance(node, cst.FunctionDef)
        function = ".".join(names) if inside else ""
        solution = solution or self._in_region(node) or (isinstance(node, cst.Param) and function in self.owners)
        if solution:
            yield Place(function, node)
        for child in node.children:
            yield from self._below(child, names, inside=inside, solution=solution)

    def _in_region(self, node: cst.CSTNode) -> bool:
        lines = self.positions.get(node)
        return lines is not None and any(r.begin < lines.start.line and lines.end.line < r.end for r in self.regions)


def _is_left_out(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, UNASKED)
        or _is_docstring(node)
        or _has_message(node)
        or (isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in HARMLESS)
    )


def _is_docstring(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.BaseString)


def _has_message(node: cst.CSTNode) -> bool:
    """Whether it raises something with a text. The class is what a check can ask for, and no operator changes it."""
    if not isinstance(node, cst.Raise) or not isinstance(node.exc, cst.Call):
        return False
    return any(isinstance(argument.value, cst.BaseString) for argument in node.exc.args)
