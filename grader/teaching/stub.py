"""A source without its solutions: what students are handed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from grader.errors import CourseError
from grader.model import Assignment, Part
from grader.teaching.regions import MARKER, Region, find_regions, parse, starts_cell

A_LINE_THAT_SAYS_NOTHING = 24  # characters: `return x` may well stand elsewhere too


def make_stub(text: str, path: Path, assignment: Assignment) -> tuple[str, frozenset[str]]:
    """Return the stub of a source, and the lines that stand in it for a solution."""
    regions = find_regions(text, path)
    lines: list[str | None] = list(text.splitlines())
    raised = {region: _raise(region, path, assignment) for region in regions if region.owner}
    for region in regions:
        for number in range(*_removed(region, text.splitlines())):
            lines[number] = None
        if region in raised:
            first = text.splitlines()[region.begin - 1]
            lines[region.begin - 1] = first[: len(first) - len(first.lstrip())] + raised[region]
    stub = "\n".join(line for line in lines if line is not None).rstrip("\n") + "\n"
    _examine(stub, text, regions, path, assignment)
    return stub, frozenset(raised.values())


def _raise(region: Region, path: Path, assignment: Assignment) -> str:
    numbers = [str(n) for n, part in enumerate(assignment.parts, 1) if _belongs(region.owner, part, assignment)]
    if not numbers:
        step = f"add {region.owner.partition('.')[0]!r} to the names of a part in assignment.toml"
        raise CourseError(f"no part has {region.owner}", place=f"{path}, line {region.begin}", step=step)
    parts = f"part{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"
    return f'raise NotImplementedError("{region.owner}: see README.md, {parts}")'


def _belongs(owner: str, part: Part, assignment: Assignment) -> bool:
    """Whether a part asks for a function: a part that names the method wins over one that names the class."""
    if any(owner in other.names for other in assignment.parts):
        return owner in part.names
    return owner.partition(".")[0] in part.names


def _removed(region: Region, lines: list[str]) -> tuple[int, int]:
    """Return the first and last (exclusive) index of the lines that a region takes with it.

    At module level these are the blank lines after it, and the cell itself where nothing else is in it.
    """
    begin, end = region.begin - 1, region.end
    if region.owner:
        return begin, end
    while end < len(lines) and not lines[end].strip():
        end += 1
    start = max((n for n in range(begin) if starts_cell(lines[n])), default=None)
    alone = start is not None and not any(line.strip() for line in lines[start + 1 : begin])
    cell_ends = end == len(lines) or starts_cell(lines[end])
    return (start, end) if start is not None and alone and cell_ends else (begin, end)


# ---- what a stub must and must not hold ------------------------------------------------------------------------


def _examine(stub: str, text: str, regions: tuple[Region, ...], path: Path, assignment: Assignment) -> None:
    tree = parse(stub, path)
    left = next((n for n, line in enumerate(text.splitlines(), 1) if MARKER.search(line) and line in stub), None)
    if left is not None:
        step = "a marker stands in a line of its own, as a comment"
        raise CourseError("the stub still holds a marker of a solution", place=f"{path}, line {left}", step=step)
    given = next((region for region in regions if _gives_away(stub, text, region)), None)
    if given is not None:
        step = "the same lines stand outside of the region: put them into a region of their own, or write them apart"
        raise CourseError("the stub still holds this solution", place=f"{path}, line {given.begin}", step=step)
    for part in assignment.parts:
        for name in set(part.names) - _defined(tree):
            step = "define it in a cell, or take it out of the part's names in assignment.toml"
            raise CourseError(f"part {part.id!r} asks for {name!r}, which the stub lacks", place=path, step=step)


def _gives_away(stub: str, text: str, region: Region) -> bool:
    solution = _plain("\n".join(text.splitlines()[region.begin : region.end - 1]))
    return len(solution) > A_LINE_THAT_SAYS_NOTHING and solution in _plain(stub)


def _plain(code: str) -> str:
    return "\n".join(re.sub(r"\s+", " ", line).strip() for line in code.splitlines() if line.strip())


def _defined(tree: ast.Module) -> set[str]:
    """Return the names that a module defines, and `Class.method` for what is in its classes."""
    names: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            names |= {f"{statement.name}.{name}" for name in _defined(ast.Module(statement.body, []))}
        if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(statement.name)
        names |= {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and _is_stored(node)}
    return names


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)
