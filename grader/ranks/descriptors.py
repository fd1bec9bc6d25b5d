"""What a forked process inherits open, and must not keep."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def vacate(*kept: int) -> None:
    """Have all descriptors but these, and the standard ones, lead nowhere.

    Their numbers stay taken: an object of the parent's that dies in this fork closes the number that it knows, or
    writes what it had not written yet, and that must not be a socket that was opened since.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in [int(path.name) for path in Path("/dev/fd").iterdir()]:
        if descriptor > 2 and descriptor not in (*kept, nothing):
            with suppress(OSError):
                os.fstat(descriptor)
                os.dup2(nothing, descriptor, inheritable=False)
    os.close(nothing)
