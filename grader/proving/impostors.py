"""Impostors: modules that look like the reference and answer in a manner of their own, as liars and the careless do.

A manner is given what would answer rightly, and the arguments. Functions are wrapped; a class is a subclass whose
methods are wrapped and whose constructor is honest, or does nothing. What the reference calls inside of itself stays
honest.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

from grader.proving.replicas import replaced
from grader.referee.suite import Suite

Manner = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]

HONEST = {
    "__init__", "__new__", "__init_subclass__", "__class_getitem__", "__repr__", "__del__", "__reduce__",
    "__reduce_ex__", "__getstate__", "__setstate__", "__getattr__", "__getattribute__", "__setattr__", "__deepcopy__",
}  # fmt: skip


def impostor(
    suite: Suite,
    names: Iterable[str],
    manner: Manner,
    module: ModuleType | None = None,
    *,
    constructs: bool = True,
) -> ModuleType:
    """Return a copy of the reference, or of this module, in which these functions and classes answer in a manner.

    Without `constructs`, the classes' constructors do nothing of their own.
    """
    wearing = _Mask(manner, constructs=constructs)
    return replaced(module or suite.module_with(), dict.fromkeys(names), wearing.on)


class _Mask:
    """Puts a manner on what is seen from outside; while something honest runs, all that it calls is honest."""

    def __init__(self, manner: Manner, *, constructs: bool = True) -> None:
        self.manner = manner
        self.constructs = constructs
        self.inside = False

    def on(self, thing: Any) -> Any:
        """Return a function or class that answers in the manner; anything else as it is."""
        if inspect.isclass(thing):
            return self._class(thing)
        return self._wrapped(thing) if callable(thing) else thing

    def _class(self, cls: type) -> type:
        own = {
            name: value
            for c in reversed(cls.__mro__)
            if c.__module__ == cls.__module__
            for name, value in vars(c).items()
        }
        worn = {name: self._member(value) for name, value in own.items() if name not in HONEST}
        masked = {name: value for name, value in worn.items() if value is not None}
        if inspect.isfunction(constructor := inspect.getattr_static(cls, "__init__")):
            masked["__init__"] = self._honest(constructor) if self.constructs else _idle_constructor(cls)
        return type(cls.__name__, (cls,), {**masked, "__module__": cls.__module__, "__qualname__": cls.__qualname__})

    def _member(self, value: Any) -> Any:
        """Return a method or property in the manner; None for what is neither."""
        if isinstance(value, property):
            return property(value.fget and self._wrapped(value.fget), value.fset, value.fdel)
        if isinstance(value, staticmethod | classmethod):
            return type(value)(self._wrapped(value.__func__))
        return self._wrapped(value) if inspect.isfunction(value) else None

    def _honest(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def honest(*args: Any, **kwargs: Any) -> Any:
            with self._off():
                return function(*args, **kwargs)

        return honest

    def _wrapped(self, function: Callable[..., Any]) -> Callable[..., Any]:
        right = self._honest(function)

        @functools.wraps(function)
        def answer(*args: Any, **kwargs: Any) -> Any:
            return right(*args, **kwargs) if self.inside else self.manner(right, args, kwargs)

        return answer

    @contextmanager
    def _off(self) -> Iterator[None]:
        before, self.inside = self.inside, True
        try:
            yield
        finally:
            self.inside = before


def _idle_constructor(cls: type) -> Callable[..., None]:
    """Return a constructor that takes anything, and does what the first class from elsewhere does without a word."""
    built: Any = next(c for c in cls.__mro__ if c.__module__ != cls.__module__)

    def constructor(self: Any, *_: Any, **__: Any) -> None:
        with suppress(TypeError):  # it needs to be told something
            built.__init__(self)

    return constructor
