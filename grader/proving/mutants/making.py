"""Makes the mutants of a solution, by the operators of mutmut."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from types import CodeType
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

from grader.proving.mutants.mutant import Mutant, of_lines
from grader.proving.mutants.places import Place, Places
from grader.teaching.regions import find_regions


def mutants_of(text: str, path: Path) -> tuple[Mutant, ...]:
    """Return the mutants of a solution, from its first line to its last. None is the same program as another.

    Raises:
        CourseError: if the solution does not parse, or its regions are not what they must be.
    """
    regions = find_regions(text, path)
    wrapper = MetadataWrapper(cst.parse_module(text))
    module = wrapper.module
    places = Places(wrapper.resolve(PositionProvider), regions)
    header = "".join(module.code_for_node(line) for line in module.header)
    pieces = [module.code_for_node(statement) for statement in module.body]
    starts = accumulate(map(len, pieces), initial=len(header))
    return tuple(
        of_lines(place.function, text, text[:start] + changed + text[start + len(piece) :])
        for statement, piece, start in zip(module.body, pieces, starts, strict=False)
        for place, changed in _changes(module, statement, piece, places)
    )


def _changes(module: cst.Module, statement: Any, piece: str, places: Places) -> Iterator[tuple[Place, str]]:
    """Yield each other program that a statement of the module can become, and where it was changed."""
    seen = {_program(piece)}
    for place in places.within(statement):
        for changed in _mutations(place.node):
            code = module.code_for_node(statement.deep_replace(place.node, changed))
            program = _program(code)
            if program is not None and program not in seen:
                seen.add(program)
                yield place, code


def _mutations(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for kind, mutated in mutation_operators:
        if isinstance(node, kind):
            yield from mutated(node)


def _program(code: str) -> object:
    """Return what two texts share that are the same program, wherever their lines are; None if it is no program."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        try:
            return _without_lines(compile(code, "mutant", "exec", dont_inherit=True))
        except SyntaxError:
            return None


def _without_lines(code: CodeType) -> tuple[object, ...]:
    constants = (_without_lines(c) if isinstance(c, CodeType) else (type(c), repr(c)) for c in code.co_consts)
    return (
        *(code.co_code, code.co_exceptiontable, code.co_flags, code.co_argcount, code.co_posonlyargcount),
        *(code.co_kwonlyargcount, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, *constants),
    )
