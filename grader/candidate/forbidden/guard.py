"""What refuses a call, and remembers the first that it refused."""

from __future__ import annotations

import sys
import threading
from types import CodeType
from typing import NoReturn

from grader.candidate.forbidden.site import NOWHERE, Site, in_sources, of_code, on_stack
from grader.wire.answer import ForbiddenCall


class Guard:
    """Raises ForbiddenCall with the student's own line: of a frame of theirs, or else where they wrote the name."""

    def __init__(self, root: str | None) -> None:
        self.root = root
        self.first: ForbiddenCall | None = None
        self.thread = threading.local()  # `started`: the own line that started this thread

    def refuse(self, text: str, *called: str, code: CodeType | None = None) -> NoReturn:
        """Refuse a call of what the entry `text` rules out, by the names `called`; of a copy there is the `code`."""
        error = ForbiddenCall(text)
        if self.first is None:
            self.first = error  # before the place is looked for, which may call what is ruled out
            error.where, error.written = self._place(called, code)
        raise error

    def here(self) -> Site:
        """Return the student's innermost line that is being executed, in this thread or where it was started."""
        if self.root is None:
            return NOWHERE
        started: Site = getattr(self.thread, "started", NOWHERE)
        return on_stack(sys._getframe(1), self.root) or started

    def _place(self, called: tuple[str, ...], code: CodeType | None) -> Site:
        if self.root is None:
            return NOWHERE
        try:
            here = (code and of_code(code, self.root)) or self.here()
            return here if here.where else in_sources(self.root, called)
        except (Exception, ForbiddenCall):  # sources that cannot be read, or what reading them calls is ruled out
            return NOWHERE
