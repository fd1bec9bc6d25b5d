"""One entry of a part's `forbidden`, as it is written.

    torch.optim.AdamW     torch.optim.*     aten::_scaled_dot_product_*     aten::convolution(transposed=True)

A `?` at the end says that not every torch has it.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import Any

from msgspec import Struct

PYTHON = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)(\.\*)?")
OPERATOR = re.compile(r"([^\W\d]\w*::[\w*]+)(?:\(([^()]+)\))?")


class Ban(Struct, frozen=True):
    """What may not be called: a dotted name of Python, or an operator as torch's dispatcher names it."""

    text: str  # as it is written
    name: str
    is_operator: bool = False
    everything: bool = False  # that the module `name` offers
    only: tuple[tuple[str, Any], ...] = ()  # of an operator: where its arguments have these values
    optional: bool = False


@lru_cache
def read(text: str) -> Ban | None:
    """Return what an entry says, or None if it is neither a dotted name nor an operator."""
    plain = text.removesuffix("?")
    optional = plain != text
    if found := PYTHON.fullmatch(plain):
        return Ban(text, found[1], everything=found[2] is not None, optional=optional)
    if found := OPERATOR.fullmatch(plain):
        only = _values(found[2]) if found[2] else ()
        return None if only is None else Ban(text, found[1], is_operator=True, only=only, optional=optional)
    return None


def _values(text: str) -> tuple[tuple[str, Any], ...] | None:
    """Read "transposed=True, groups=1"."""
    try:
        call = ast.parse(f"f({text})", mode="eval").body
        assert isinstance(call, ast.Call)
        values = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    except (SyntaxError, ValueError, AssertionError):
        return None
    return None if call.args else tuple((name, value) for name, value in values.items() if name is not None) or None
