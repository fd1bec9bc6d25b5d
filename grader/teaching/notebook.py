"""A py:percent module as a notebook, the same bytes for the same module, that nbgrader accepts."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterable

import jupytext
import nbformat
from nbformat import NotebookNode

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
OF_THE_LAYOUT = ("lines_to_next_cell", "lines_to_end_of_cell_marker")  # jupytext's notes for the way back


def notebook(module: str, solution_lines: Iterable[str]) -> str:
    """Return the JSON of a notebook with the module's cells.

    A code cell in which one of `solution_lines` occurs is marked as nbgrader's solution cell: students may edit it.
    A cell's id is the first name that it defines, else made from its text, so that neither a run nor a change
    elsewhere changes it. It is nbgrader's grade id as well.
    """
    wanted = {line.strip() for line in solution_lines}
    cells = jupytext.reads(module, fmt="py:percent").cells
    seen: Counter[str] = Counter()
    for cell in cells:
        cell.id = _unique(_cell_id(cell), seen)
        cell.metadata = _metadata(cell, wanted)
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    made: NotebookNode = nbformat.v4.new_notebook(cells=cells, metadata=metadata)  # type: ignore[no-untyped-call]
    made.nbformat_minor = 5  # the first that has cell ids, and the last that every Jupyter in use can read
    nbformat.validate(made)
    text: str = nbformat.writes(made)  # type: ignore[no-untyped-call]
    return text.rstrip("\n") + "\n"


def _metadata(cell: NotebookNode, wanted: set[str]) -> dict[str, object]:
    metadata = {key: value for key, value in cell.metadata.items() if key not in OF_THE_LAYOUT}
    if cell.cell_type != "code" or wanted.isdisjoint(line.strip() for line in cell.source.splitlines()):
        return metadata
    nbgrader = {"grade": False, "solution": True, "locked": False, "schema_version": 3}
    return {**metadata, "nbgrader": {**nbgrader, "grade_id": cell.id, "cell_type": "code"}}


def _unique(name: str, seen: Counter[str]) -> str:
    seen[name] += 1
    return name if seen[name] == 1 else f"{name}-{seen[name]}"


def _cell_id(cell: NotebookNode) -> str:
    """Return at most 60 of the characters that nbformat allows in an id."""
    name = _first_definition(cell.source) if cell.cell_type == "code" else ""
    if name.isascii() and name:
        return name[:60]
    return f"{cell.cell_type}-{hashlib.sha256(cell.source.encode()).hexdigest()[:8]}"


def _first_definition(source: str) -> str:
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a magic, a shell line
        return ""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return next((statement.name for statement in statements if isinstance(statement, kinds)), "")
