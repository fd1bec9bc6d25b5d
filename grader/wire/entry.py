"""What passes when a sandbox is entered: integers and descriptors only, for the zygote must hold nothing else."""

from __future__ import annotations

import struct
from typing import NamedTuple

ZYGOTE_READY = b"ready"
DESCRIPTORS = 3  # control, the loader's wire, and the holder's pidfd where there is one
HELLO = b"\x01"  # a candidate's first byte: its credentials tell which process it is
CALL = b"c"  # with a descriptor: fork a candidate


class Terms(NamedTuple):
    """The integers of one entry. Sizes are bytes; `confine` 0 means that there is no namespace to enter."""

    confine: int
    unprivileged: int  # whether to become uid 1000 of the sandbox (the grader is root)
    memory: int
    cpu_seconds: int
    processes: int
    open_files: int
    file_size: int
    frame: int  # the largest frame that the loader will read
    devices: int = 0  # whether it has GPUs: CUDA reserves more addresses than a limit of use would leave


class Entered(NamedTuple):
    """The keeper's word that its loader runs: pids as the host names them, and the memory that a fork starts with."""

    keeper: int
    loader: int
    anonymous: int


class Ended(NamedTuple):
    """How a child of the keeper ended: pid, wait status, CPU seconds, peak resident bytes. It cannot be forged."""

    pid: int
    status: int
    cpu_seconds: float
    peak: int


TERMS = struct.Struct("<9q")
ENTERED = struct.Struct("<qqq")
ENDED = struct.Struct("<qqdq")
