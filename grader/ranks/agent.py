"""torchrun itself: its own `main`, in a fork of a process that has imported it already. It executes the workers."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from grader.ranks import rendezvous
from grader.ranks.descriptors import vacate

ARGUMENTS = (
    "--nnodes", "1", "--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0", "--local-addr", "127.0.0.1",
    "--max-restarts", "0",
)  # fmt: skip  # not --standalone: it asks for the machine's name, which need not mean anything
ENDED_BY_TORCHRUN = -signal.SIGTERM  # when another rank has failed

Ends = dict[int, tuple[int, float]]  # rank: wait status and when, as torchrun saw it end


def become_torchrun(arguments: Sequence[str], folder: Path, failures: Path, prints: int) -> NoReturn:
    """Run it in a folder; write which ranks failed; end as the command would."""
    status = 1
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, nothing), (1, prints), (2, prints)):
            os.dup2(source, target)
        vacate()
        sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.update(
            OMP_NUM_THREADS="1", GLOO_SOCKET_IFNAME=rendezvous.loopback(), RES_OPTIONS=rendezvous.NO_NAMES
        )
        os.chdir(folder)
        status = _torchrun([*ARGUMENTS, *arguments], failures)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


def _torchrun(arguments: list[str], failures: Path) -> int:
    torchrun: Any = import_module("torch.distributed.run")
    errors: Any = import_module("torch.distributed.elastic.multiprocessing.errors")
    try:
        torchrun.main(arguments)
    except errors.ChildFailedError as error:
        failed = {rank: failure for rank, failure in error.failures.items() if failure.exitcode != ENDED_BY_TORCHRUN}
        ends: Ends = {rank: (wait_status(f.exitcode), float(f.timestamp)) for rank, f in failed.items()}
        failures.write_bytes(msgspec.msgpack.encode(ends))
        return 1
    return 0


def wait_status(exit_code: int) -> int:
    """Return an exit code of subprocess as wait's status."""
    return -exit_code if exit_code < 0 else exit_code << 8


def ends(failures: Path) -> Ends:
    """Read which ranks failed."""
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.msgpack.decode(failures.read_bytes(), type=Ends)
    return {}
