"""Makes calls that a part rules out raise, for the length of one call, whatever name the student knows them by.

A Python function gets another code object, and a class other methods; a function of torch's own is recognised by a
TorchFunctionMode, and an operator by a TorchDispatchMode. This runs beside student code, which could undo it: it is
there for honest students, and the checks' answers do not depend on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from types import ModuleType

from grader.candidate.forbidden.closing import close, close_function
from grader.candidate.forbidden.copies import Copies
from grader.candidate.forbidden.guard import Guard
from grader.candidate.forbidden.watching import Watch
from grader.wire.ban import read
from grader.wire.meaning import things

__all__ = ["forbid"]


@contextmanager
def forbid(names: Sequence[str], root: str | None = None, student: ModuleType | None = None) -> Iterator[None]:
    """Make calls of what these entries mean raise ForbiddenCall. One that means nothing here is passed over.

    Where such a call was made and what it raised was caught, or ended another thread, it is raised at the end. `root`
    is the folder of the student's own files: with it the exception knows the line, and what is written there. In the
    module `student` copies of what is ruled out are looked for, and refused too.
    """
    guard = Guard(root)
    watch, copies = Watch(guard), Copies()
    with ExitStack() as stack:
        for text in names:
            ban = read(text)
            if ban is not None and ban.is_operator:
                watch.operators.append(ban)
            elif ban is not None:
                for found in things(ban):
                    copies.add(found, text)
                    if not close(found, text, guard, stack):
                        watch.add(found, text)
        for function, text in copies.within(student) if student else ():
            close_function(function, partial(guard.refuse, text, code=function.__code__), stack)
        watch.enter(stack)
        try:
            yield
        finally:
            if guard.first is not None:
                raise guard.first
