"""Says what a check asked of the student: names, kinds and sizes of the inputs, and no value that could be drawn.

A student has to be able to write such a call, and must not read the numbers of this one. So a tensor is its dtype and
shape, a number or a string is its type. What says how a function is used is said: None, a bool that is an argument of
its own, a dtype, a device, and a word that the handout or the probes name, such as a function or "spsa".
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from msgspec import Struct

from grader.errors import WireError
from grader.referee.faults import StudentFault
from grader.referee.respondent import Differs
from grader.referee.suite import Suite
from grader.teaching.leaks import Hidden
from grader.teaching.phrases import speaker
from grader.wire.protocol import Call
from grader.wire.values import unpack

MOST_ITEMS = 3  # of a list
MOST_CALLS = 2  # of a check that compares several
LONGEST = 300  # characters: a check may hand on what the student's side made up
DEEPEST = 3
ATOMS = (torch.dtype, torch.device, type(None))


class Wording(Struct, frozen=True):
    """What calls are put into words with. `sizes` is False where a size is a hidden number too."""

    probes: Any
    names: frozenset[str]  # what students write
    known: str  # the text of the handout and the probes
    language: str
    sizes: bool = True


def deciding(calls: Sequence[Call], error: BaseException) -> Sequence[Call]:
    """Return the calls that decided a check: all where it compared several, else the one that it ended with."""
    return calls[-1:] if isinstance(error, Differs | StudentFault) else calls


def told(calls: Sequence[Call], suite: Suite, hidden: Collection[Hidden], language: str) -> str:
    """Return what a student may read of these calls: no size that is a hidden number too, nor anything else hidden."""
    names = frozenset(name for part in suite.assignment.parts for name in part.names)
    for sizes in (True, False):
        try:
            said = in_words(calls, Wording(suite.probes, names, suite.named.text, language, sizes))
        except WireError:  # more than can be read: the student's side could not read it either
            return ""
        if not any(values.found_in(said, suite.named) for values in hidden):
            return said
    return ""


def in_words(calls: Sequence[Call], wording: Wording) -> str:
    """Say what these calls ask, each kind of call once and the last ones where they are many."""
    said = list(dict.fromkeys(_one(call, wording) for call in calls))
    text = "; ".join(["…"] * (len(said) > MOST_CALLS) + said[-MOST_CALLS:])
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _one(call: Call, wording: Wording) -> str:
    say = speaker(wording.language)
    text = _of_probe(call, wording) if call.is_probe else _of_function(call, wording)
    if call.script:
        return say("asked_script", n=call.script.nprocs, then=text)
    return say("asked_ranks", n=call.ranks.nprocs, what=text) if call.ranks else text


def _of_function(call: Call, wording: Wording) -> str:
    positional, named = unpack(call.arguments)
    return _called(call.target, positional, named, wording)


def _of_probe(call: Call, wording: Wording) -> str:
    """Say what a probe is for, and what it calls if it is told that: `probes.value("attention", q, k, v)`."""
    positional, named = unpack(call.arguments)
    purpose = _purpose(call.target, wording) if wording.language == "en" else ""
    place = next((n for n, value in enumerate(positional) if isinstance(value, str) and value in wording.names), None)
    if place is not None:
        called = _called(positional[place], positional[place + 1 :], named, wording)
        return f"{purpose}: {called}" if purpose else called
    if not purpose:
        return _called(call.target, positional, named, wording)
    inputs = _inputs(positional, named, wording)
    return speaker(wording.language)("asked_given", what=purpose, inputs=inputs) if inputs else purpose


def _purpose(probe: str, wording: Wording) -> str:
    """Return the first line of a probe's docstring: students do not have the probes, and its name says less."""
    function = getattr(wording.probes, probe, None)
    lines = (inspect.getdoc(function) or "").splitlines() if inspect.isfunction(function) else []
    return lines[0].rstrip(".") if lines else ""


def _called(name: str, positional: Sequence[Any], named: Mapping[str, Any], wording: Wording) -> str:
    return f"{name}({_inputs(positional, named, wording)})"


def _inputs(positional: Sequence[Any], named: Mapping[str, Any], wording: Wording) -> str:
    keywords = zip(named, _each(named.values(), wording), strict=True)
    return ", ".join([*_each(positional, wording), *(f"{name}={kind}" for name, kind in keywords)])


def _each(values: Iterable[Any], wording: Wording) -> list[str]:
    return [str(value) if isinstance(value, bool) else _kind(value, wording, DEEPEST) for value in values]


def _kind(value: Any, wording: Wording, depth: int) -> str:
    if isinstance(value, torch.Tensor):
        return _sized(str(value.dtype).removeprefix("torch."), value.shape, wording)
    if isinstance(value, np.ndarray):
        return _sized(f"array {value.dtype}", value.shape, wording)
    if isinstance(value, list | tuple):
        brackets = "[]" if isinstance(value, list) else "()"
        return f"{brackets[0]}{_items(value, wording, depth)}{brackets[1]}"
    if isinstance(value, ATOMS) or (isinstance(value, str) and _is_known(value, wording)):
        return f'"{value}"' if isinstance(value, str) else str(value)
    return type(value).__name__


def _sized(kind: str, shape: Sequence[int], wording: Wording) -> str:
    return f"{kind}[{', '.join(map(str, shape) if wording.sizes else ['…'] * len(shape))}]"


def _items(values: Sequence[Any], wording: Wording, depth: int) -> str:
    if depth == 0:
        return "…"
    kinds = [_kind(value, wording, depth - 1) for value in values[:MOST_ITEMS]]
    return ", ".join(kinds + ["…"] * (len(values) > MOST_ITEMS))


def _is_known(word: str, wording: Wording) -> bool:
    return word.isidentifier() and re.search(rf"\b{word}\b", wording.known) is not None
