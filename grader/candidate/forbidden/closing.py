"""Closes functions and classes written in Python: while they are closed, calling them refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import lru_cache, partial
from types import CodeType, FunctionType
from typing import Any, NoReturn

from grader.candidate.forbidden.guard import Guard
from grader.wire.meaning import bodies

ENTRIES = ("__init__", "__call__")  # what calls a class, and an instance that was made before


def close(found: Any, text: str, guard: Guard, stack: ExitStack) -> bool:
    """Close it until the stack unwinds; say whether it could be."""
    name = getattr(found, "__name__", text)
    if isinstance(found, type):
        return _close_class(found, partial(guard.refuse, text, name), stack)
    functions = list(bodies(found))
    for function in functions:
        close_function(function, partial(guard.refuse, text, name), stack)
    return bool(functions)


def methods(kind: type) -> Iterator[FunctionType]:
    """Yield the functions by which a class itself is used, without those of its parents."""
    for name, value in list(vars(kind).items()):
        if name in ENTRIES or not name.startswith("_"):
            yield from bodies(value)


def _close_class(kind: type, refuse: partial[NoReturn], stack: ExitStack) -> bool:
    """Close what the class itself says in public: a saved instance or method calls it without making another."""
    own = dict(vars(kind))
    for function in methods(kind):
        close_function(function, refuse, stack)
    for name in ENTRIES:
        inherited = any(name in vars(parent) for parent in kind.__mro__[1:])
        if inherited and not isinstance(own.get(name), FunctionType):
            with suppress(TypeError):  # a class written in C keeps its own
                _set(kind, name, refuse, stack)
    return True


def _set(kind: type, name: str, refuse: partial[NoReturn], stack: ExitStack) -> None:
    def closed(*_: object, **__: object) -> None:
        refuse()

    before = vars(kind).get(name)
    setattr(kind, name, closed)
    stack.callback(delattr, kind, name) if before is None else stack.callback(setattr, kind, name, before)


def close_function(function: FunctionType, refuse: partial[NoReturn], stack: ExitStack) -> None:
    """Give it another body, in place: every name for it, also one that was saved, leads there."""
    before = function.__code__, function.__kwdefaults__
    function.__code__ = _closed(function.__code__.co_freevars)
    function.__kwdefaults__ = {"__refuse__": refuse}
    stack.callback(_open, function, *before)


def _open(function: FunctionType, code: CodeType, defaults: dict[str, Any] | None) -> None:
    function.__code__ = code
    function.__kwdefaults__ = defaults


@lru_cache
def _closed(free: tuple[str, ...]) -> CodeType:
    """Return the other body. It refers to as many free variables as the function holds values for, as it must.

    Its globals are those of the function that gets it: nothing of ours is there, so a keyword brings it.
    """
    source = f"""
def around({", ".join(free)}):
    def closed(*_, __refuse__, **__):
        {"; ".join(free)}
        __refuse__()
    return closed
"""
    scope: dict[str, Any] = {}
    exec(source, scope)
    made: FunctionType = scope["around"](*free)
    return made.__code__
