"""Watches torch: its functions in C however they were imported, and its operators whatever function calls them."""

from __future__ import annotations

import re
import threading
from contextlib import ExitStack, suppress
from fnmatch import translate
from types import FunctionType
from typing import Any

import torch
from torch._ops import OpOverload, OpOverloadPacket
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from grader.candidate.forbidden.guard import Guard
from grader.wire.answer import ForbiddenCall
from grader.wire.ban import Ban
from grader.wire.meaning import arguments, is_composed, reported

ASKING = ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic")
PLAIN = {torch.Tensor, torch.nn.Parameter}
BACKWARD = ("backward", "grad")  # they call every operator that was recorded: their names say nothing


class Watch:
    """What is watched for. The modes belong to a thread: one that `threading` starts gets its own."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.functions: dict[Any, str] = {}
        self.packets: dict[str, str] = {}  # the same functions by their operators' names, as torch.ops has them
        self.operators: list[Ban] = []
        self.bans: dict[Any, list[Ban]] = {}  # of the operators that were seen
        self.composed: set[OpOverload] = set()  # of others, among those
        self.copies: dict[FunctionType, FunctionType] = {}  # of torch's functions that were seen

    def add(self, found: Any, text: str) -> None:
        """Watch for calls of a function of torch's, if it is one."""
        function = reported(found)
        if function is not None:
            self.functions[function] = text
            self.packets[f"aten::{found.__name__}"] = text

    def enter(self, stack: ExitStack) -> None:
        """Watch until the stack unwinds, here and in threads that are started meanwhile."""
        if self.functions or self.operators:
            self._enter(stack)
            start = threading.Thread.start
            threading.Thread.start = self._starting(start)  # type: ignore[method-assign]
            stack.callback(setattr, threading.Thread, "start", start)

    def _enter(self, stack: ExitStack) -> None:
        functions = Functions(self)
        stack.enter_context(functions)
        if self.operators:
            stack.enter_context(Operators(self, functions))

    def _starting(self, start: Any) -> Any:
        def started(thread: threading.Thread) -> None:
            run, here = thread.run, self.guard.here()

            def watched() -> None:
                self.guard.thread.started = here
                with ExitStack() as stack, suppress(ForbiddenCall):  # it ends the thread, and is raised at the end
                    self._enter(stack)
                    run()

            thread.run = watched  # type: ignore[method-assign]
            start(thread)

        return started

    def function(self, called: Any) -> str | None:
        """Return the entry that rules out a function, as a mode is told of it."""
        if isinstance(called, OpOverload | OpOverloadPacket):
            name = called._schema.name if isinstance(called, OpOverload) else called._qualified_op_name
            return self.packets.get(name)
        try:
            return self.functions.get(called)
        except TypeError:  # it has no hash
            return None

    def operator(self, called: Any, args: Any, kwargs: Any) -> str | None:
        """Return the entry that rules out a call of an operator."""
        for ban in self._bans(called):
            if not ban.only:
                return ban.text
            given = arguments(called, args, kwargs)
            if all(given.get(name) == value for name, value in ban.only):
                return ban.text
        return None

    def _bans(self, called: Any) -> list[Ban]:
        if called not in self.bans:
            name = called._schema.name if isinstance(called, OpOverload) else ""
            self.bans[called] = [ban for ban in self.operators if re.match(translate(ban.name), name)]
            if name and is_composed(called.name()):
                self.composed.add(called)
        return self.bans[called]


class Functions(TorchFunctionMode):
    """Sees torch's own functions, also those that others of them call."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watch = watch
        self.called = ""  # by the student: the outermost
        self.inside: set[FunctionType] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        text = self.watch.function(func)
        if text is not None:
            self.watch.guard.refuse(text, name, self.called)
        before, self.called = self.called, self.called or name
        try:
            if isinstance(func, FunctionType) and PLAIN.issuperset(types) and func not in self.inside:
                return self._within(func, args, kwargs or {})
            return func(*args, **(kwargs or {}))
        finally:
            self.called = before

    def _within(self, func: FunctionType, args: Any, kwargs: Any) -> Any:
        """Call a function that is written in Python, and see what it calls.

        torch calls it with the mode taken off, or it would ask for modes, find this one, and be called by it again. A
        copy that finds none can be called with the mode on. No argument overrides functions itself.
        """
        copy = self.watch.copies[func] = self.watch.copies.get(func) or unasking(func)
        self.inside.add(func)
        try:
            with self:
                return copy(*args, **kwargs)
        finally:
            self.inside.discard(func)


def unasking(func: FunctionType) -> FunctionType:
    """Return a copy of a function of torch's that takes it that nobody overrides functions."""
    names = dict.fromkeys(ASKING, lambda *_: False)
    copy = FunctionType(func.__code__, func.__globals__ | names, func.__name__, func.__defaults__, func.__closure__)
    copy.__kwdefaults__ = func.__kwdefaults__
    return copy


class Operators(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees the operators that reach torch's dispatcher, also those that backward calls."""

    supports_higher_order_operators = True

    def __init__(self, watch: Watch, functions: Functions) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.watch = watch
        self.functions = functions

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        text = self.watch.operator(func, args, kwargs)
        if text is not None:
            called = () if self.functions.called in BACKWARD else (self.functions.called,)
            self.watch.guard.refuse(text, *called, func._schema.name.partition("::")[2])
        if func in self.watch.composed:  # in inference_mode one arrives whole: see what it calls
            with self:
                return func._op_dk(torch._C.DispatchKey.CompositeImplicitAutograd, *args, **kwargs)
        return func(*args, **kwargs)
