"""What of an assignment decides a result, as one number: a change to anything else regrades nobody."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

import msgspec

from grader.model import Assignment

# Wrong answers, other right answers, titles, notebooks and prose help to teach; none of them decides a result.
NOT_DECIDING = ("misconceptions", "alternatives", "titles.", "README", "test_public")
NOT_DECIDING_SUFFIXES = {".ipynb", ".md", ".pyc"}


def assignment_digest(assignment: Assignment) -> str:
    """Return the SHA-256 of the checks, probes, solution, limits and parts.

    Comments, layout and line ends do not count, nor do the solution's docstrings: those are the handout's text.
    Data files beside the checks count, byte for byte.
    """
    h = hashlib.sha256(_declared(assignment))
    if assignment.solution is not None:
        for path in _deciding_files(assignment.solution):
            content = _meaning(path, of_solution=path.stem == assignment.module)
            h.update(b"\0%s\0%d\0" % (path.relative_to(assignment.solution).as_posix().encode(), len(content)))
            h.update(content)
    return h.hexdigest()


def _declared(assignment: Assignment) -> bytes:
    parts = [(p.id, p.points, p.tier, sorted(p.names), sorted(p.forbidden)) for p in assignment.parts]
    return msgspec.json.encode([assignment.module, parts, assignment.limits], order="sorted")


def _deciding_files(solution: Path) -> list[Path]:
    def decides(path: Path) -> bool:
        pieces = path.relative_to(solution).parts
        return (
            path.is_file()
            and path.suffix not in NOT_DECIDING_SUFFIXES
            and not any(piece.startswith((".", "__pycache__")) for piece in pieces)
            and not pieces[0].startswith(NOT_DECIDING)
        )

    return sorted(path for path in solution.rglob("*") if decides(path))


def _meaning(path: Path, *, of_solution: bool) -> bytes:
    raw = path.read_bytes()
    if path.suffix != ".py":
        return raw
    try:
        tree = ast.parse(raw)
    except (SyntaxError, ValueError):
        return raw  # the referee says what is wrong with it
    if of_solution:
        _drop_docstrings(tree)
    return ast.unparse(tree).encode()


def _drop_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _documented(node):
            node.body = node.body[1:]


def _documented(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return ast.get_docstring(node, clean=False) is not None
