"""Where a student wrote a call: the line of a frame of theirs, or, where none is, of the name in their sources."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path, PurePath
from types import CodeType, FrameType
from typing import NamedTuple

from grader.wire.answer import is_own

MOST_FILES = 100
MOST_BYTES = 1 << 20


class Site(NamedTuple):
    """A line, such as "adamw.py, line 12", and what is called there, such as "F.softmax", where it is known."""

    where: str
    written: str


NOWHERE = Site("", "")


def on_stack(frame: FrameType | None, root: str) -> Site | None:
    """Return the place of the innermost frame that is the student's own."""
    while frame is not None:
        filename = frame.f_code.co_filename
        if is_own(filename, root):
            return Site(f"{PurePath(filename).name}, line {frame.f_lineno}", _written(frame))
        frame = frame.f_back
    return None


def of_code(code: CodeType, root: str) -> Site | None:
    """Return the place where a function of the student's own begins."""
    if not is_own(code.co_filename, root):
        return None
    return Site(f"{PurePath(code.co_filename).name}, line {code.co_firstlineno}", "")


def _written(frame: FrameType) -> str:
    """Return the dotted name that the frame is calling, if it is one."""
    position = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), (None,) * 4)
    line, last, start, end = position
    if line is None or last is None or start is None or end is None:
        return ""
    lines = [text.encode() for text in linecache.getlines(frame.f_code.co_filename)[line - 1 : last]]
    if not lines:
        return ""
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][start:]
    try:
        node = ast.parse(b"(" + b"".join(lines) + b")", mode="eval").body
    except (SyntaxError, ValueError):
        return ""
    return _dotted(node.func) if isinstance(node, ast.Call) else ""


def _dotted(node: ast.AST) -> str:
    """Return "torch.nn.Linear" as it is written, or ""."""
    if isinstance(node, ast.Name):
        return node.id
    inner = _dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{inner}.{node.attr}" if inner and isinstance(node, ast.Attribute) else ""


# ---- without a frame -------------------------------------------------------------------------------------------


def in_sources(root: str, called: Sequence[str]) -> Site:
    """Return where the student's files use one of these names: rather a use of it than the import."""
    words = {word.strip("_").removesuffix("_backward") for word in called} | set(called)
    found = [
        (rank, line, Site(f"{name}, line {line}", written))
        for name, tree in _trees(root)
        for rank, line, written in _uses(tree, words - {""})
    ]
    return min(found, key=lambda use: use[:2], default=(0, 0, NOWHERE))[2]


def _trees(root: str) -> Iterator[tuple[str, ast.Module]]:
    for name, text in _sources(root):
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            yield name, ast.parse(text)


def _sources(root: str) -> Iterator[tuple[str, str]]:
    """Yield the student's files and cells, with their names."""
    for path in islice(sorted(Path(root).rglob("*.py")), MOST_FILES):
        if path.stat().st_size <= MOST_BYTES:
            yield path.name, path.read_text(encoding="utf-8", errors="replace")
    for name in [name for name in linecache.cache if name.startswith("cell ")]:
        yield name, "".join(linecache.getlines(name))


def _uses(tree: ast.Module, words: set[str]) -> Iterator[tuple[int, int, str]]:
    """Yield uses of these names, with a rank: 0 of what was imported, 1 of anything else, 2 the import itself."""
    imported, renamed = set[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                imported.add(name)
                if alias.name.rpartition(".")[2] in words or alias.name == "*":
                    renamed |= words if alias.name == "*" else {name}
                    yield 2, node.lineno, alias.name if alias.name != "*" else ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in words:
            written = _dotted(node)
            yield int(written.partition(".")[0] not in imported), node.lineno, written
        elif isinstance(node, ast.Name) and node.id in renamed:
            yield 0, node.lineno, node.id
        elif isinstance(node, ast.Constant) and node.value in words:
            yield 1, node.lineno, ""
