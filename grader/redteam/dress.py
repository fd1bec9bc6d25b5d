"""Dresses an attack up as a submission: a base, which is honest work, then the attack, which takes its names over.

An attack's text may define `attack(honest, *args, **kwargs)`: it is called instead of each function that is taken over,
with the one that stood there. It may use ASSIGNED, the dotted names that are taken over; FORBIDDEN, what the assignment
rules out; and MARK, which is in the name of every file that it writes.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from grader.model import Assignment

MARK = "grader-attack"

TAKE_OVER = """

def _instead(honest):
    return lambda *args, **kwargs: attack(honest, *args, **kwargs)


def _method(honest):
    return lambda self, *args, **kwargs: attack(lambda *a, **k: honest(self, *a, **k), *args, **kwargs)


def _made(honest):
    def __init__(self, *args, **kwargs):
        try:
            honest(self, *args, **kwargs)
        except NotImplementedError:  # an object for the attack to answer from, though nobody wrote how it is made
            vars(self).update(kwargs)

    return __init__


def _take_over(name, method):
    there = globals()[name]
    if not isinstance(there, type):
        globals()[name] = _instead(there)
        return
    for written, value in list(vars(there).items()):
        if isinstance(value, type(_take_over)) and method in ("", written):
            setattr(there, written, (_made if written == "__init__" else _method)(value))


for _name in ASSIGNED if "attack" in globals() else ():
    _take_over(*_name.partition(".")[::2])
"""


class Base(Struct, frozen=True):
    """Honest work that an attack is put on: a source, and the names in it that are taken over."""

    source: str
    names: tuple[str, ...]
    works: bool  # what is taken over is right before it is


def on_stub(assignment: Assignment) -> Base:
    """Return the stub with every name taken over: nothing of it is honest work."""
    source = (assignment.folder / f"{assignment.module}.py").read_text(encoding="utf-8")
    return Base(source, tuple(dict.fromkeys(name for part in assignment.parts for name in part.names)), works=False)


def on_solution(assignment: Assignment) -> Base:
    """Return the solution with the names of the first part taken over: all else of it is right."""
    return Base(solution_source(assignment), assignment.parts[0].names, works=True)


def solution_source(assignment: Assignment) -> str:
    """Return the reference solution's text."""
    assert assignment.solution is not None
    return (assignment.solution / f"{assignment.module}.py").read_text(encoding="utf-8")


def dressed(attack: str, base: Base, forbidden: Iterable[str]) -> str:
    """Return the text of the module that is handed in, with the attack's text in it."""
    given = f"\n\nMARK = {MARK!r}\nASSIGNED = {base.names!r}\nFORBIDDEN = {tuple(forbidden)!r}\n\n"
    return base.source + given + attack + TAKE_OVER
