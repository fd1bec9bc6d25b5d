"""Makes calls that a part rules out raise, for the length of one call, whatever name the student knows them by.

A Python class gets an `__init__` that raises, a Python function another code object; a function of torch's own, which
has neither, is recognised by a TorchFunctionMode. This runs beside student code, which could undo it: it is there
for honest students, and the checks' answers do not depend on it.
"""

from __future__ import annotations

import importlib
import types
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from unittest import mock

from torch.overrides import TorchFunctionMode

from grader.wire.answer import ForbiddenCall


@contextmanager
def forbid(names: Sequence[str]) -> Iterator[None]:
    """Make calls of these dotted names raise ForbiddenCall. A name that nothing has is passed over."""
    builtins: dict[Any, str] = {}
    with ExitStack() as stack:
        for name in names:
            for found in resolve(name):
                _close(found, name, stack, builtins)
        if builtins:
            stack.enter_context(_Watch(builtins))
        yield


def resolve(name: str) -> list[Any]:
    """Return what a dotted name means; `package.*` means the public functions and classes of a module."""
    wanted, _, star = name.partition(".*")
    parts = wanted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        try:
            for part in parts[end:]:
                found = getattr(found, part)
        except AttributeError:
            return []
        return (
            [v for k, v in vars(found).items() if callable(v) and not k.startswith("_")]
            if star or name.endswith("*")
            else [found]
        )
    return []


def _close(found: Any, name: str, stack: ExitStack, builtins: dict[Any, str]) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ForbiddenCall(name)

    found = getattr(found, "__func__", found)  # a classmethod
    found = getattr(found, "_implementation", found)  # numpy's functions are Python functions in a dispatcher
    if isinstance(found, type):
        with suppress(TypeError):  # a class written in C keeps its own
            stack.enter_context(mock.patch.object(found, "__init__", refuse))
    elif isinstance(found, types.FunctionType):
        original = found.__code__
        found.__code__ = _refusing(found, name)
        stack.callback(setattr, found, "__code__", original)
    else:
        builtins[found] = name


def _refusing(function: types.FunctionType, name: str) -> types.CodeType:
    """A code object with as many free variables as the function has, which raises."""
    free = function.__code__.co_freevars
    lines = [f"def outer({', '.join(free)}):", "    def refuse(*args, **kwargs):", *[f"        {v}" for v in free]]
    lines += [
        f"        raise __import__('grader.wire.answer').wire.answer.ForbiddenCall({name!r})",
        "    return refuse",
    ]
    scope: dict[str, Any] = {}
    exec("\n".join(lines), scope)
    body: types.FunctionType = scope["outer"](*[None] * len(free))
    return body.__code__


class _Watch(TorchFunctionMode):
    """Sees torch's own functions however they were imported."""

    def __init__(self, names: dict[Any, str]) -> None:
        super().__init__()
        self.names = names

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        try:
            name = self.names.get(func)
        except TypeError:
            name = None
        if name is not None:
            raise ForbiddenCall(name)
        return func(*args, **(kwargs or {}))
