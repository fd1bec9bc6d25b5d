"""One file in an archive, whichever kind of archive it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from grader.errors import Ungradable
from grader.intake import limits, names


class Member(Struct, frozen=True):
    """One file in an archive. `mode` has the bits of its type where it is no plain file; `read` works once."""

    name: str
    mode: int
    size: int
    written: datetime | None
    read: Callable[[int], bytes]
    is_folder: bool


def bomb(called: str) -> Ungradable:
    """Return the sentence for an archive that was made to fill a disk."""
    most = limits.size(limits.UNPACKED)
    return Ungradable(f"{names.shown(called)} unpacks to more than {most}: hand in only your own files")
