"""How much memory a sandbox uses, read from the host's /proc, where student code cannot touch it.

The sum over its processes of the anonymous memory above what a fork of the warm process starts with, of their shared
memory, and of its tmpfs. Plain resident sizes would count the shared pages of torch once a process.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path


def processes(roots: Iterable[int]) -> set[int]:
    """Return these processes and their descendants, as many as are still there."""
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid in found:
            continue
        found.add(pid)
        waiting += children(pid)
    return found


def children(pid: int) -> list[int]:
    """Return the children of a process, whichever of its threads made them."""
    found: list[int] = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                found += map(int, file.read().split())
    return found


def in_use(roots: Iterable[int], folders: Sequence[int], base: int) -> int:
    """Return the bytes that a sandbox uses. `folders` are descriptors of its tmpfs, `base` one idle fork's memory."""
    total = sum(_private(pid, base) for pid in processes(roots))
    for folder in folders:
        with suppress(OSError):
            room = os.fstatvfs(folder)
            total += (room.f_blocks - room.f_bfree) * room.f_frsize
    return total


def _private(pid: int, base: int) -> int:
    anonymous = shared = 0
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                anonymous = int(line.split()[1]) * 1024
            elif line.startswith("RssShmem:"):
                shared = int(line.split()[1]) * 1024
    return max(0, anonymous - base) + shared
