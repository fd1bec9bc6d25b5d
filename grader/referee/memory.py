"""How much memory a sandbox uses, read from the host's /proc, where student code cannot touch it.

The sum over its processes of the anonymous memory above what a fork of the warm process starts with, of their shared
memory, and of its tmpfs. Plain resident sizes would count the shared pages of torch once a process.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

SOCKET = 256 << 10  # bytes that lie in one, where somebody fills it
TCP_SOCKET = 2 << 20
INODE = 1024  # bytes that the kernel holds for a file, be it empty


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


def in_use(roots: Sequence[int], folders: Sequence[int], base: int) -> int:
    """Return the bytes that a sandbox uses. `folders` are descriptors of its tmpfs, `base` one idle fork's memory."""
    total = sum(_private(pid, base) for pid in processes(roots))
    for folder in folders:
        with suppress(OSError):
            room = os.fstatvfs(folder)
            total += (room.f_blocks - room.f_bfree) * room.f_frsize + (room.f_files - room.f_ffree) * INODE
    if folders:  # a network of its own
        total += buffers(roots[0])
    return total


def buffers(pid: int) -> int:
    """Return what the sockets of a process's network may hold. The kernel keeps it, and counts it for nobody."""
    counts: dict[str, int] = {}
    for name in ("sockstat", "sockstat6"):
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines():
                kind, _, count, *_ = line.split()
                counts[kind] = int(count)
    tcp = counts.get("TCP:", 0) + counts.get("TCP6:", 0)
    return counts.get("sockets:", 0) * SOCKET + tcp * TCP_SOCKET


def _private(pid: int, base: int) -> int:
    anonymous = shared = 0
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                anonymous = int(line.split()[1]) * 1024
            elif line.startswith("RssShmem:"):
                shared = int(line.split()[1]) * 1024
    return max(0, anonymous - base) + shared
