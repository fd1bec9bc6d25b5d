"""Where a rank is, read from the stack that it wrote when it was asked."""

from __future__ import annotations

import linecache
import re
from pathlib import PurePath
from typing import NamedTuple

from grader.wire.answer import is_own
from grader.wire.protocol import Place

FRAME = re.compile(r'^  File "(.*)", line (\d+) in (.+)$', re.MULTILINE)
WAITING = {  # files of torch that wait for other ranks, and what a student calls to get there
    "/torch/distributed/c10d_logger.py": None,  # around each collective
    "/torch/distributed/": "",  # the function itself
    "/torch/nn/parallel/distributed.py": "DistributedDataParallel",
    "/torch/autograd/": "backward",
}


class Frame(NamedTuple):
    """One line of a stack."""

    file: str
    line: int
    function: str


def place(rank: int, written: str, root: str, *, busy: bool = False) -> Place:
    """Return where a rank is: in a collective, where it waits for others unless it is `busy`, or in code of its own."""
    frames = main_thread(written)
    own = next((i for i, frame in enumerate(frames) if is_own(frame.file, root)), None)
    where = "" if own is None else f"{PurePath(frames[own].file).name}, line {frames[own].line}"
    collective = _collective(frames[:own])
    if not collective and own == 0 and ".wait(" in linecache.getline(frames[0].file, frames[0].line):
        collective = "wait"
    return Place(rank, "waits" if collective and not busy else "works", collective, where)


def main_thread(written: str) -> list[Frame]:
    """Return the frames of the thread that was there first, the innermost first."""
    threads = re.split(r"^(?:Current thread|Thread) .*$", written, flags=re.MULTILINE)
    return [Frame(file, int(line), function) for file, line, function in FRAME.findall(threads[-1])]


def _collective(inner: list[Frame]) -> str:
    """Return what a student's own line has called, if that can wait for other ranks."""
    for frame in reversed(inner):
        name = next((name for part, name in WAITING.items() if part in frame.file), None)
        if name is not None:
            return name or frame.function
    return ""
