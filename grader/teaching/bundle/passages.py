"""What of a solution nobody may find in a handout: passages of its code, with the place where each stands.

A statement of a solution is one, however it is laid out: of a solution region, an alternative, a misconception (which
is right but for one thing). Checks, probes and what they import show the way by whole passages, not by a line: a
public check may well begin as a hidden one does.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from grader.model import Assignment
from grader.teaching.bundle.texts import squeezed
from grader.teaching.regions import find_regions, parse
from grader.teaching.source import source_of
from grader.teaching.stub import A_LINE_THAT_SAYS_NOTHING

IN_A_ROW = 3  # statements of a check or a probe
A_PASSAGE = 80  # characters, squeezed
A_FORMULA = 2  # operations: one call alone, `torch.zeros(n)`, is everybody's
SAY_NOTHING = ast.Import | ast.ImportFrom | ast.Pass | ast.Global | ast.Nonlocal
OPERATIONS = ast.Call | ast.BinOp | ast.BoolOp | ast.Compare | ast.Subscript | ast.comprehension
ANSWERS = ("alternatives", "misconceptions")


class Passage(Struct, frozen=True):
    """Squeezed code, where it stands, and what it is a piece of: a function that students write, or a file."""

    code: str
    path: Path
    line: int
    of: str


def passages(assignment: Assignment) -> tuple[Passage, ...]:
    """Return every passage of the secret half that tells something."""
    assert assignment.solution is not None
    found = [*_of_the_source(assignment)]
    for path in sorted(assignment.solution.rglob("*.py")):
        inside = path.relative_to(assignment.solution).as_posix()
        if path != source_of(assignment):
            answers = inside.startswith(ANSWERS)
            said = [*statements(path.read_text(encoding="utf-8"), path, inside, formulas=answers)]
            found += _telling(said) if answers else _in_a_row(said)
    return tuple(found)


def _of_the_source(assignment: Assignment) -> Iterator[Passage]:
    path = source_of(assignment)
    text = path.read_text(encoding="utf-8")
    for region in find_regions(text, path):
        said = statements(text, path, region.owner or path.name, formulas=True)
        yield from _telling(passage for passage in said if region.begin < passage.line < region.end)


def _telling(said: Iterable[Passage]) -> list[Passage]:
    return [passage for passage in said if len(passage.code) >= A_LINE_THAT_SAYS_NOTHING]


def _in_a_row(said: list[Passage]) -> list[Passage]:
    rows = [said[first : first + IN_A_ROW] for first in range(len(said) - IN_A_ROW + 1)]
    joined = [Passage("".join(each.code for each in row), row[0].path, row[0].line, row[0].of) for row in rows]
    return [passage for passage in joined if len(passage.code) >= A_PASSAGE]


def statements(text: str, path: Path, of: str, *, formulas: bool = False) -> Iterator[Passage]:
    """Yield each statement, of a block its head; without comments, docstrings, imports, calls of no arguments.

    With `formulas`, of `name = value` and `return value` also the value alone, if it is more than one call.
    """
    lines = _without_comments(text)
    found = (node for node in ast.walk(parse(text, path)) if isinstance(node, ast.stmt) and not _says_nothing(node))
    for node in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
        told: tuple[ast.stmt | ast.expr, ...] = (node, *(_formula(node) if formulas else ()))
        for each in told:
            yield Passage(squeezed(_code(each, lines)), path, node.lineno, of)


def _says_nothing(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    bare = isinstance(value, ast.Call) and not value.args and not value.keywords
    return bare or isinstance(value, ast.Constant) or isinstance(node, SAY_NOTHING)


def _formula(node: ast.stmt) -> tuple[ast.expr, ...]:
    value: ast.expr | None = getattr(node, "value", None)
    operations = sum(isinstance(each, OPERATIONS) for each in ast.walk(value)) if value else 0
    return (value,) if value and operations >= A_FORMULA else ()


def _code(node: ast.stmt | ast.expr, lines: list[str]) -> str:
    body: list[ast.stmt] | ast.expr | None = getattr(node, "body", None)  # a lambda's is an expression
    last, end = node.end_lineno or 0, node.end_col_offset or 0
    if isinstance(body, list):
        last, end = body[0].lineno, body[0].col_offset
    piece = lines[node.lineno - 1 : last]
    piece[-1] = piece[-1].encode()[:end].decode()  # ast counts bytes
    piece[0] = piece[0].encode()[node.col_offset :].decode()
    return "\n".join(piece)


def _without_comments(text: str) -> list[str]:
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return lines
