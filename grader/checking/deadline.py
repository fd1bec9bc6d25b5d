"""A limit on wall time that works in one process and on any system."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TookTooLong(Exception):
    """The main thread was still at it when the time was up; its cause says where."""


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """Raise TookTooLong in the main thread if the block takes longer than this; None is no limit.

    It works as Ctrl-C does: between two instructions of Python, so that one long call into C ends first.
    """
    if seconds is None:
        yield
        return
    problem = f"it was not done after {seconds:g} s"
    lock, over, rang = threading.Lock(), threading.Event(), threading.Event()

    def ring() -> None:
        with lock:
            if not over.is_set():
                rang.set()
                _thread.interrupt_main()

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
    try:
        yield
        with lock:
            over.set()
        if rang.is_set():  # and was caught: whoever runs a notebook's cells does so
            raise TookTooLong(problem)
    except KeyboardInterrupt as error:
        if not rang.is_set():
            raise
        raise TookTooLong(problem) from error
    finally:
        over.set()
        timer.cancel()
        signal.signal(signal.SIGINT, before)
