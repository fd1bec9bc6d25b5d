"""How much memory a sandbox uses, read from the host's /proc, where student code cannot touch it.

What its processes share with the warm process that they were forked from counts for nobody, and plain resident sizes
would count it once a process. Two cheap figures bound the truth: below it lies what each holds above what a fork
starts with, above it what all hold together. Only where the limit lies between the two is each page divided by the
processes that map it, which takes the kernel 2 ms a process.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

SOCKET = 256 << 10  # bytes that lie in one, where somebody fills it
TCP_SOCKET = 2 << 20
INODE = 1024  # bytes that the kernel holds for a file, be it empty
ROLLUP = "/proc/{}/smaps_rollup"
LOOKS = 5  # at processes of which some end meanwhile: one may hand its memory on to a child faster than we can look


class Held(NamedTuple):
    """What one process holds, in bytes: private memory and that of its forks, swapped out or not; and shared memory."""

    anonymous: int
    shared: int


NOTHING = Held(0, 0)


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


def anonymous(pid: int) -> int:
    """Return what a process holds of its own and of what it was forked with, in bytes."""
    return (_held(pid) or NOTHING).anonymous


def largest(roots: Sequence[int]) -> int:
    """Return what the largest of these processes and their descendants holds, in bytes."""
    return max((held.anonymous for held in _held_by_all(roots).values()), default=0)


def in_use(roots: Sequence[int], folders: Sequence[int], base: int, most: int = 0) -> int:
    """Return the bytes that a sandbox uses, as exactly as it takes to tell whether they are more than `most`.

    `folders` are descriptors of its tmpfs, `base` one idle fork's memory.
    """
    held = _held_by_all(roots)
    others = sum(one.shared for one in held.values()) + _file_systems(folders)
    if folders:  # a network of its own
        others += buffers(roots[0])
    least = others + sum(max(0, one.anonymous - base) for one in held.values())
    greatest = others + max(0, sum(one.anonymous for one in held.values()) - base)
    if least > most:
        return least
    if greatest <= most:
        return greatest
    total = others + max(0, _shares(roots, held) - base)
    if total <= most:
        return total
    again = _shares(roots, _held_by_all(roots))  # the first sum is too large where processes began or ended meanwhile
    return min(total, others + max(0, again - base))


def _shares(roots: Sequence[int], held: Mapping[int, Held]) -> int:
    return sum(_divided(pid, NOTHING if pid in roots else one) for pid, one in held.items())


def _file_systems(folders: Sequence[int]) -> int:
    total = 0
    for folder in folders:
        with suppress(OSError):
            room = os.fstatvfs(folder)
            total += (room.f_blocks - room.f_bfree) * room.f_frsize + (room.f_files - room.f_ffree) * INODE
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


def _held_by_all(roots: Sequence[int]) -> dict[int, Held]:
    """Return what each process holds: of several looks the greatest, where some ended between two steps of a look."""
    greatest: dict[int, Held] = {}
    for _ in range(LOOKS):
        found = {pid: _held(pid) for pid in processes(roots)}
        still = {pid: held for pid, held in found.items() if held is not None}
        greatest = max(greatest, still, key=lambda look: sum(held.anonymous for held in look.values()))
        if len(still) == len(found):
            break
    return greatest


def _held(pid: int) -> Held | None:
    """Return what a process holds; None if it has gone. Its first thread may have ended before the others."""
    try:
        held = sizes(Path(f"/proc/{pid}/status").read_text())
        tasks = [] if held else os.listdir(f"/proc/{pid}/task")
    except OSError:
        return None
    for task in tasks:
        with suppress(OSError):
            held = held or sizes(Path(f"/proc/{pid}/task/{task}/status").read_text())
    return held or NOTHING


def sizes(status: str) -> Held | None:
    """Return the sizes in a thread's status; None where it has no memory any more."""
    found = {}
    for line in status.splitlines():
        name, _, rest = line.partition(":")
        if name in ("RssAnon", "VmSwap", "RssShmem"):
            found[name] = int(rest.split()[0]) * 1024
    if len(found) < 3:
        return None
    return Held(found["RssAnon"] + found["VmSwap"], found["RssShmem"])


def _divided(pid: int, unread: Held) -> int:
    """Return a process's share of its private pages, each divided by the processes that map it.

    One that made itself not dumpable cannot be read: `unread` is what counts for it. The roots are not dumpable
    either, but run no student code.
    """
    try:
        lines = Path(ROLLUP.format(pid)).read_text().splitlines()
    except OSError:  # or it has ended meanwhile
        still = _held(pid) if unread.anonymous else None
        return still.anonymous if still else 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Pss_Anon:", "SwapPss:")))
