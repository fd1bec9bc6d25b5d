"""The process that `bounded` starts; what it is asked about is on its standard input.

python -m grader.intake.apart MEMORY SECONDS TASK NAME
"""

from __future__ import annotations

import sys

import msgspec

from grader.errors import Ungradable
from grader.intake import bounded
from grader.intake.notebook import Cell, cells_in
from grader.intake.source import Flaw, parsed


def answer(task: str, data: bytes, name: str) -> Flaw | str | tuple[Cell, ...] | None:
    """Return the flaw in a source, or a notebook's cells, or the sentence for which it has none."""
    if task != "cells":
        return parsed(data.decode() if task == "text" else data)
    try:
        return cells_in(data, name)
    except Ungradable as error:
        return error.problem


def main() -> None:
    """Answer one question."""
    memory, seconds, task, name = sys.argv[1:]
    bounded.hold(int(memory), int(seconds))
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(task, sys.stdin.buffer.read(), name)))


if __name__ == "__main__":
    main()
