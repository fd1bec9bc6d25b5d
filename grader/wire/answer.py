"""How a request is answered, by a student's module in its sandbox and by the reference in a trusted fork alike."""

from __future__ import annotations

import dis
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import PurePath
from types import CodeType, ModuleType, TracebackType
from typing import Any

from grader.errors import WireError
from grader.wire.protocol import Bound, Call, Forbade, Missing, Raised, Reply, Unsendable, Value
from grader.wire.values import pack, unpack

LIBRARIES = ("torch", "numpy")
INTERPRETER_ERRORS = (RuntimeError, IndexError, TypeError, AttributeError, NameError, ZeroDivisionError)
LONGEST_MESSAGE = 200


class ForbiddenCall(BaseException):
    """A call that the part rules out. A BaseException, so that `except Exception` does not swallow it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.where = ""  # the student's own line, and what is called there, where who raised it knew them
        self.written = ""


def answer(
    call: Call,
    student: ModuleType,
    probes: ModuleType,
    *,
    root: str,
    guard: AbstractContextManager[object] | None = None,
    arrived: Callable[[Any], Any] | None = None,
) -> Reply:
    """Run the call and say how it ended. `root` is the folder of the student's own files; never raises.

    `arrived` makes of the arguments as they were sent what the call gets: on a GPU, tensors that are there.
    """
    sent = unpack(call.arguments)
    target = getattr(probes if call.is_probe else student, call.target, None)
    if target is None:
        return Missing(call.target)
    try:
        args, kwargs = arrived(sent) if arrived else sent
        with guard or nullcontext():
            value = target(student, *args, **kwargs) if call.is_probe else target(*args, **kwargs)
        return Value(pack(value))
    except WireError as error:
        return Unsendable(error.problem)
    except ForbiddenCall as error:
        return Forbade(error.name, error.where or last_own_line(error.__traceback__, root), error.written)
    except BaseException as error:
        if isinstance(error, AttributeError) and getattr(error, "obj", None) is student:
            return Missing(str(error.name))
        return _bound(call, student, error) or raised(error, root)


def _bound(call: Call, student: ModuleType, error: BaseException) -> Bound | None:
    """Say which of the part's names is no function, where that is why calling it raised."""
    if not isinstance(error, TypeError) or "not callable" not in str(error):
        return None
    values = {name: vars(student)[name] for name in (call.target, *call.names) if name in vars(student)}
    return next((Bound(n, type(v).__name__) for n, v in values.items() if not callable(v)), None)


def raised(error: BaseException, root: str) -> Raised:
    """Describe an exception: its classes, the student's own line, and the message if a library wrote it."""
    types = tuple(kind.__name__ for kind in type(error).__mro__ if kind not in (object, BaseException))
    where = last_own_line(error.__traceback__, root)
    try:
        message = str(error)[:LONGEST_MESSAGE] if _by_library(error) else ""
    except BaseException:  # a student's own __str__
        message = ""
    return Raised(types, where, message)


def is_own(filename: str, root: str) -> bool:
    """Whether code from this file is the student's: a file under `root`, or a notebook's cell."""
    return filename.startswith((root.rstrip("/") + "/", "cell "))


def last_own_line(trace: TracebackType | None, root: str) -> str:
    """Return "stochastic.py, line 12" for the innermost frame that is the student's own, or ""."""
    where = ""
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if is_own(filename, root):
            where = f"{PurePath(filename).name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return where


def _by_library(error: BaseException) -> bool:
    """Whether torch, numpy or the interpreter wrote the message, rather than a `raise` in the student's file."""
    trace = error.__traceback__
    if trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    if any(f"/{name}/" in trace.tb_frame.f_code.co_filename for name in LIBRARIES):
        return True
    return isinstance(error, INTERPRETER_ERRORS) and not _is_raise(trace.tb_frame.f_code, trace.tb_lasti)


def _is_raise(code: CodeType, offset: int) -> bool:
    return dis.opname[code.co_code[offset]] in ("RAISE_VARARGS", "RERAISE")
