"""Shows whether backward overlaps with communication, by a gate and not by a clock.

While the gate is closed no collective that the watched call launches completes, as far as its caller can see. A call
that returns all the same does not wait for them; one that waits in a hook does not return. Functional collectives
(torch.distributed._functional_collectives) have no Work to wait for: they are not held.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
import torch.distributed as dist
from torch.overrides import _get_current_function_mode_stack
from torch.utils._python_dispatch import _get_current_dispatch_mode_stack

from grader.probing.collectives import Event, Watch

LONGEST = 5.0  # seconds; waiting is seen at once, so this is for those who wait without asking the Work


class Gate:
    """Closed until `open()`. `held` counts the collectives that have been launched meanwhile."""

    def __init__(self) -> None:
        self.is_open = threading.Event()
        self._works: list[_Held] = []  # kept alive: torch asks the Python object only as long as there is one
        self._calls: list[_Call] = []

    @property
    def held(self) -> int:
        """How many collectives are held back."""
        return len(self._works)

    def returned(self, function: Callable[[], object], *, seconds: float = LONGEST) -> bool:
        """Call a function in a thread, under the modes of this one: does it return while the gate is closed?

        False as soon as it waits for a collective; or when `seconds` are over.

        Raises:
            BaseException: what the function raises.
        """
        call = _Call(self, function)
        self._calls.append(call)
        call.start()
        call.settled.wait(seconds)
        returned = call.over
        call.reraise()
        return returned

    def hold(self, work: Any) -> Any:
        """Return a Work that completes when the gate is open and the given one has completed."""
        if self.is_open.is_set():
            return work
        self._works.append(held := _Held(self, work))
        return held

    def wait(self) -> None:
        """Wait until it is open. A call that waits here itself, and not in a thread of its own, does not return."""
        for call in self._calls:
            if call.ident == threading.get_ident() and not self.is_open.is_set():
                call.settled.set()
        self.is_open.wait()

    def open(self) -> None:
        """Let what is held complete, and wait for the calls' ends."""
        self.is_open.set()
        for work in self._works:
            work.complete()
        for call in self._calls:
            call.join()

    def reraise(self) -> None:
        """Raise what a call raised after the gate was opened."""
        for call in self._calls:
            call.reraise()


@contextmanager
def held() -> Iterator[Gate]:
    """Hold back what calls of `gate.returned(…)` launch in the block; at its end all completes, and no thread is left.

    In the block itself nothing may wait for what is held, such as the end of a gradient synchronisation.
    """
    gate = Gate()
    try:
        yield gate
    finally:
        gate.open()
    gate.reraise()


class _Holding(Watch):  # type: ignore[no-untyped-call]
    """Has a thread's collectives complete when the gate is open."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._gate = gate

    def launched(self, event: Event, work: Any) -> Any:
        del event
        return self._gate.hold(work)


class _Held(dist.Work):
    """A Work whose completion is held back."""

    def __init__(self, gate: Gate, work: Any) -> None:
        super().__init__()
        self._gate = gate
        self._work = work
        self._future: Any = None
        self._asked = threading.Lock()

    def wait(self, *args: Any, **kwargs: Any) -> Any:
        self._gate.wait()
        return self._work.wait(*args, **kwargs)

    def is_completed(self) -> bool:
        return self._gate.is_open.is_set() and bool(self._work.is_completed())

    def get_future(self) -> Any:
        with self._asked:
            if self._future is None and self._gate.is_open.is_set():
                return self._work.get_future()
            self._future = self._future or torch.futures.Future()
            return self._future

    def result(self) -> Any:
        return self._work.result()

    def complete(self) -> None:
        """Complete the future that somebody has asked for: torch's own reducer does, and waits for no Work."""
        with self._asked:
            future = self._future
        if future is None:
            return
        try:
            self._work.wait()
            future.set_result(self._work.get_future().value())
        except Exception as error:
            future.set_exception(error)


class _Call(threading.Thread):
    """A call in a thread of its own. `settled` when it is over, or waits at the gate."""

    def __init__(self, gate: Gate, function: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._function = function
        modes = _get_current_function_mode_stack()  # type: ignore[no-untyped-call]
        self._modes = [*modes, *_get_current_dispatch_mode_stack(), _Holding(gate)]
        self.settled = threading.Event()
        self.over = False
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            with ExitStack() as stack:
                for mode in self._modes:
                    stack.enter_context(mode)
                self._function()
        except BaseException as error:
            self._error = error
        finally:
            self.over = True
            self.settled.set()

    def reraise(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error
