"""What a call used, measured from outside the process that answered it."""

from __future__ import annotations

from typing import NamedTuple

from grader.model import MB
from grader.wire.entry import Ended

MOST_AT_IMPORT = 128 * MB  # of what a module holds since it was imported; above it lies no table of an honest one


class Used(NamedTuple):
    """What one call used, by the kernel's account: student code cannot forge it. Zeros where nobody looked.

    `peak_bytes` is the greatest resident size of the process, above what a fork of the loaded module starts with;
    `moved_bytes` is what went over the wire for it. Processes that the call started and waited for are in it.
    """

    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    moved_bytes: int = 0


NOT_MEASURED = Used()
UNSEEN = Used(peak_bytes=1 << 62)  # another process than the call's has answered: nothing that it claims is believed


def start_of_forks(warm: int, loaded: int) -> int:
    """Return the memory that a fork of the loader starts with: that of the warm process, and what the module holds.

    The latter counts up to a limit: memory that is held only to be let go of during a call would hide the call's own.
    """
    return warm + min(max(0, loaded - warm), MOST_AT_IMPORT)


def used(ended: Ended | None, start: int | None, largest: int = 0) -> Used:
    """Return what a call used: its process has ended, and began with `start` bytes.

    `largest` is what the largest process of the sandbox held in any look meanwhile. A `start` of None: of an
    interpreter that was executed anew nobody knows what it began with, so its memory is not measured.
    """
    if start is None:
        return NOT_MEASURED if ended is None else Used(ended.cpu_seconds)
    if ended is None:
        return UNSEEN
    return Used(ended.cpu_seconds, max(0, ended.peak - start, largest - start))
