"""Reads what the parts rule out as a proof-reader: an entry that nothing would ever stop is a defect."""

from __future__ import annotations

import difflib
from types import ModuleType
from typing import Any

import torch
from torch._ops import OpOverloadPacket

from grader.errors import CheckDefect
from grader.model import Assignment
from grader.wire.ban import Ban, read
from grader.wire.meaning import closable, operators, reported, things

ONLY_SOME = "end it with ? if only some versions have it"


def proofread(assignment: Assignment) -> None:
    """Raise a CheckDefect for the first entry of `forbidden` that means nothing here, or that nothing could stop."""
    for part in assignment.parts:
        for text in part.forbidden:
            ban = read(text)
            assert ban is not None  # or the assignment could not be read
            objection = _operator(ban) if ban.is_operator else _python(ban)
            if objection is not None:
                problem, step = objection
                raise CheckDefect(f"part {part.id!r}: forbidden: {problem}", place="assignment.toml", step=step)


Objection = tuple[str, str] | None  # what is wrong, and the next step


def _operator(ban: Ban) -> Objection:
    found = operators(ban)
    if not found:
        absent = f"torch {torch.__version__} has no operator {ban.name!r}"
        return None if ban.optional else (absent, _nearest(ban.name, _all_operators()))
    if not any(found.values()):
        step = "name one of them (aten::_softmax for aten::softmax), or the functions (torch.softmax)"
        return f"{ban.name!r} is never called: torch composes it of other operators", step
    known = {argument.name for name in found for schema in _schemas(name) for argument in schema.arguments}
    for argument, _ in ban.only:
        if argument not in known:
            return f"{ban.name!r} has no argument {argument!r}", f"one of: {', '.join(sorted(known))}"
    return None


def _schemas(operator: str) -> list[Any]:
    return list(torch._C._jit_get_schemas_for_operator(operator))


def _all_operators() -> list[str]:
    return sorted({name.partition(".")[0] for name in torch._C._dispatch_get_all_op_names()})


def _python(ban: Ban) -> Objection:
    found = things(ban)
    if not found:
        absent = f"{ban.name!r} is nothing" if not ban.everything else f"{ban.name!r} is no package with functions"
        return None if ban.optional else (absent, _nearest(ban.name, _siblings(ban.name)))
    if isinstance(found[0], ModuleType) and not ban.everything:
        return f"{ban.name!r} is a module", f"{ban.name}.* means what it offers"
    if isinstance(found[0], OpOverloadPacket):
        return f"{ban.name!r} is a name for an operator", f"write {found[0]._qualified_op_name}"
    if not any(closable(thing) or reported(thing) is not None for thing in found):
        return f"nothing could stop {ban.name!r}: it is written in C, or no function", "leave it out"
    return None


def _siblings(name: str) -> list[str]:
    parent = name.rpartition(".")[0]
    around = things(Ban(parent, parent)) if parent else []
    return [f"{parent}.{other}" for thing in around for other in dir(thing)]


def _nearest(name: str, others: list[str]) -> str:
    near = difflib.get_close_matches(name, others, n=1)
    return f"did you mean {near[0]}? Else {ONLY_SOME}" if near else ONLY_SOME
