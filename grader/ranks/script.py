"""One worker under torchrun: runs the submission's own file as a script, and tells the launcher what came of it.

STUDENT CODE RUNS HERE, in a process that torchrun has executed. What is told is a file, which can be forged.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import os
import runpy
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn, cast

import msgspec
import torch

from grader.probing.collectives import Event, Watch
from grader.ranks import rank, rendezvous
from grader.wire.answer import ForbiddenCall, is_own, last_own_line, raised
from grader.wire.protocol import Forbade, Reply

STACK = "stack{}"  # of a rank, written when it is asked for
TOLD = "rank{}"
PID = "pid{}"
CELLS = "__grader_cells__"  # runs a notebook's cells, and passes over those that raise
MAIN = "__main__"


class Told(msgspec.Struct, frozen=True):
    """What a worker tells at its end. `reply` is what it raised, if it did; `status` what the process ends with."""

    at: float
    reply: Reply | None
    status: int
    saves: tuple[str, ...]
    collectives: dict[str, int]


class Counting(Watch):  # type: ignore[no-untyped-call]
    """How often each collective was launched."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.counts: Counter[str] = Counter()

    def launching(self, event: Event) -> None:
        """Count it."""
        self.counts[event["op"]] += 1


def main(folder: str, root: str, entry: str, guard: AbstractContextManager[object] | None = None) -> NoReturn:
    """Run the script with the arguments that are left; tell; end the process, whose teardown is known to hang."""
    number = announce(Path(folder))
    told = _run(root, entry, guard or nullcontext())
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    unfinished = Path(folder, f"{number}.unfinished")
    unfinished.write_bytes(msgspec.msgpack.encode(told))
    unfinished.rename(Path(folder, TOLD.format(number)))
    os._exit(told.status)


def announce(folder: Path) -> str:
    """Say which process this is, and have it write where it is when it is asked. Returns its rank."""
    number = os.environ["RANK"]
    stack = (folder / STACK.format(number)).open("wb", buffering=0)  # as long as the process
    faulthandler.register(rank.WHERE, file=stack, all_threads=True, chain=False)
    unfinished = folder / f"{number}.starting"
    unfinished.write_text(str(os.getpid()), encoding="ascii")
    unfinished.rename(folder / PID.format(number))
    return number


def _run(root: str, entry: str, guard: AbstractContextManager[object]) -> Told:
    rendezvous.make_ready()
    for stream in (sys.stdout, sys.stderr):
        cast(TextIOWrapper, stream).reconfigure(line_buffering=True, write_through=False)  # ranks print whole lines
    sys.path[:0] = dict.fromkeys((str(Path(entry).parent), root))
    saves: list[str] = []
    counting = Counting()
    reply, status = None, 0
    try:
        with noting(saves), _cells_that_raise(), counting, guard:
            runpy.run_path(entry, run_name=MAIN)
    except SystemExit as end:
        status = _status(end)
    except BaseException as error:
        _print(error, root)
        reply, status = _reply(error, root), 1
    at = time.time()
    atexit._run_exitfuncs()  # the interpreter will not come to it
    return Told(at, reply, status, tuple(saves), dict(counting.counts))


def _print(error: BaseException, root: str) -> None:
    """Print the traceback from the student's own code on."""
    trace = error.__traceback__
    while trace is not None and not is_own(trace.tb_frame.f_code.co_filename, root):
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace or error.__traceback__)


def _reply(error: BaseException, root: str) -> Reply:
    if isinstance(error, ForbiddenCall):
        return Forbade(error.name, error.where or last_own_line(error.__traceback__, root), error.written)
    return raised(error, root)


def _status(end: SystemExit) -> int:
    """Return what a process ends with that lets this exception through."""
    if end.code is None or isinstance(end.code, int):
        return (end.code or 0) & 0xFF
    print(end.code, file=sys.stderr)
    return 1


@contextlib.contextmanager
def noting(paths: list[str]) -> Iterator[None]:
    """Take down where torch.save writes to."""
    save, start = torch.save, Path.cwd()

    def noted(obj: Any, f: Any, *args: Any, **kwargs: Any) -> None:
        paths.append(_path(f, start))
        save(obj, f, *args, **kwargs)

    torch.save = noted
    try:
        yield
    finally:
        torch.save = save


def _path(file: Any, start: Path) -> str:
    """Return where this is, as seen from a folder; "" if it is no file on disk."""
    try:
        return os.path.relpath(file if isinstance(file, str | os.PathLike) else file.name, start)
    except (AttributeError, OSError, TypeError, ValueError):
        return ""


@contextlib.contextmanager
def _cells_that_raise() -> Iterator[None]:
    """Where the script is a notebook, let what the cell of the script itself raises end it."""
    if find_spec(CELLS) is not None:
        notebook = import_module(CELLS).Notebook
        attempt = notebook.attempt

        def attempted(self: Any, number: int, source: str) -> Any:
            failure = attempt(self, number, source)
            if failure is not None and MAIN in source:
                raise failure[2]
            return failure

        notebook.attempt = attempted
    yield
