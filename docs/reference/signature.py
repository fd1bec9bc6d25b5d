"""A function as its source has it: the signature without its body, and the docstring as paragraphs."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any

WIDTH = 100
ITEMS = ("Asked", "Answer", "Errors", "Raises")  # what begins a list in a docstring


def signature(function: Callable[..., Any], name: str | None = None) -> str:
    """Return the `def` line of a function, without `self`; a long one has a line for each argument."""
    node = definition(function)
    arguments = [_spaced(argument) for argument in _arguments(ast.unparse(node.args)) if argument != "self"]
    answer = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    head = f"def {name or node.name}"
    line = f"{head}({', '.join(arguments)}){answer}: ..."
    if len(line) <= WIDTH:
        return line
    return f"{head}(\n" + "".join(f"    {argument},\n" for argument in arguments) + f"){answer}: ..."


def definition(function: Callable[..., Any]) -> ast.FunctionDef:
    """Return the syntax of a function, below its decorators."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(node, ast.FunctionDef)
    return node


def _arguments(text: str) -> list[str]:
    """Split at the commas that are within no bracket."""
    pieces, depth = [""], 0
    for piece in re.split(r"(, |[\[\](){}])", text):
        depth += (piece in ("[", "(", "{")) - (piece in ("]", ")", "}"))
        if piece == ", " and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += piece
    return [piece for piece in pieces if piece]


def _spaced(argument: str) -> str:
    """Write a default as people do, with spaces and double quotes."""
    named, equals, default = argument.partition("=")
    return f"{named} = {default}".replace("'", '"') if equals else named


def explanation(documented: Any) -> str:
    """Return a docstring as Markdown: its paragraphs, and `Raises: …` and the like as a list."""
    paragraphs = (inspect.getdoc(documented) or "").split("\n\n")
    return "\n\n".join(_listed(text) if text.startswith(ITEMS) else filled(text) for text in paragraphs)


def filled(text: str, *, indent: str = "") -> str:
    """Return a paragraph in lines of the pages' width."""
    line = " ".join(text.split())
    return textwrap.fill(line, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _listed(text: str) -> str:
    """Make each `Head: text` an item; lines that begin otherwise go on with the one before."""
    items = re.split(rf"^(?=(?:{'|'.join(ITEMS)}):)", text, flags=re.MULTILINE)
    parted = [item.partition(":") for item in items if item]
    return "\n".join(filled(f"- **{head}:** {said}", indent="  ") for head, _, said in parted)
