"""Where the solutions are in a source: the regions between `# BEGIN SOLUTION` and `# END SOLUTION`."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from grader.errors import CourseError

MARKER = re.compile(r"(BEGIN|END)[ _-]*SOLUTION", re.IGNORECASE)
BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
STATEMENT_BLOCKS = ("body", "orelse", "finalbody")
CLAUSES = ("handlers", "cases")  # of try and match: not statements, but they hold blocks
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


class Region(Struct, frozen=True):
    """A solution: lines `begin` to `end`, counted from 1, markers included.

    `owner` is the function whose body it fills (`double`, `Scaler.__call__`), or empty at module level.
    """

    begin: int
    end: int
    owner: str


def find_regions(text: str, path: Path) -> tuple[Region, ...]:
    """Return the solution regions of a source, first to last.

    Raises:
        CourseError: with the line, if the source does not parse, or a region is open, nested, empty, cuts a
            statement in two, leaves its cell, or is neither in a function's body nor at module level.
    """
    tree = parse(text, path)
    lines = text.splitlines()
    return tuple(_region(tree, lines, begin, end, path) for begin, end in _pairs(text, path))


def parse(text: str, path: Path) -> ast.Module:
    """Parse Python, or raise a CourseError that names the line."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise CourseError(f"the source does not parse: {error.msg}", place=f"{path}, line {error.lineno}") from error


def starts_cell(line: str) -> bool:
    """Whether a line of a py:percent file begins a cell."""
    return re.match(r"# %%(\s|$)", line) is not None


def _pairs(text: str, path: Path) -> Iterator[tuple[int, int]]:
    begin = None
    for line, comment in _markers(text):
        if comment not in (BEGIN, END):
            step = f"write {BEGIN!r} or {END!r}, and nothing else in the line"
            raise CourseError(f"{comment!r} is almost a marker", place=f"{path}, line {line}", step=step)
        if (comment == BEGIN) == (begin is not None):
            problem = "a solution region begins inside another" if begin else "a solution region ends that never began"
            raise CourseError(problem, place=f"{path}, line {line}", step="pair each BEGIN with one END")
        if begin is not None:
            yield begin, line
        begin = line if comment == BEGIN else None
    if begin is not None:
        raise CourseError("a solution region never ends", place=f"{path}, line {begin}", step=f"add {END!r}")


def _markers(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and MARKER.search(token.string):
            alone = not token.line[: token.start[1]].strip()
            yield token.start[0], token.string if alone else token.line.strip()


def _region(tree: ast.Module, lines: list[str], begin: int, end: int, path: Path) -> Region:
    place = f"{path}, line {begin}"
    if any(starts_cell(line) for line in lines[begin : end - 1]):
        raise CourseError("a solution region goes on into another cell", place=place, step="give each cell its own")
    around = _around(tree, begin, end, place)
    names = []
    for statement in around:
        names += [statement.name] if isinstance(statement, ast.ClassDef | FUNCTIONS) else []
        if isinstance(statement, FUNCTIONS):
            return Region(begin, end, ".".join(names))
    if around:
        problem = f"a solution region lies in {names[-1] if names else 'a block'}, outside of any function"
        raise CourseError(problem, place=place, step="put a region into each function's body, or around the whole")
    return Region(begin, end, "")


def _around(node: ast.AST, begin: int, end: int, place: str) -> list[ast.stmt]:
    """Return the statements that enclose the region, from the outermost to the one whose block it is a piece of."""
    for block in _blocks(node):
        for statement in block:
            first, last = _first_line(statement), statement.end_lineno or 0
            if statement.lineno < begin <= last and _blocks(statement):
                return [statement, *_around(statement, begin, end, place)]
            if first < begin <= last or first < end <= last:
                step = "move the marker before or after the whole statement"
                raise CourseError("a solution region cuts a statement in two", place=place, step=step)
        if any(begin < statement.lineno < end for statement in block):
            return []
    raise CourseError("a solution region holds no statement", place=place, step="put the solution between its markers")


def _blocks(node: ast.AST) -> list[list[ast.stmt]]:
    clauses = [node, *(clause for name in CLAUSES for clause in getattr(node, name, ()))]
    blocks = [getattr(clause, name, None) for clause in clauses for name in STATEMENT_BLOCKS]
    return [block for block in blocks if isinstance(block, list)]


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])
