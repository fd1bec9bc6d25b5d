"""Where the ranks of one launch meet: a store of their own, torchrun's environment, and torch made ready for it."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from datetime import timedelta
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

from torch.nn.parallel import DistributedDataParallel

from grader.wire.protocol import Ranks

dist: Any = import_module("torch.distributed")  # of its own types it tells little

SLACK = 2.0  # seconds, or a fifth of all
LOCALHOST = "127.0.0.1"
NO_NAMES = "attempts:0"  # torch asks the resolver who connects, for its log: a lost answer would cost five seconds
KEPT: list[object] = []


def within(seconds: float) -> float:
    """Return when a launch is given up here, if it would be given up from outside after so many seconds."""
    return seconds - min(SLACK, seconds / 5)


def preload() -> None:
    """Import what DDP imports at its first use, which takes a second: the forks of this process have it then."""
    import_module("torch._dynamo")


class Rendezvous:
    """A fresh folder with a FileStore; or, where students make the process group, a TCPStore as torchrun's agent has.

    The store is never one that was used before: what is left in it would mislead.
    """

    def __init__(self, ranks: Ranks) -> None:
        os.environ["RES_OPTIONS"] = NO_NAMES  # of this fork and its ranks
        self.store = (
            None if ranks.init_process_group else dist.TCPStore(LOCALHOST, 0, None, True, wait_for_workers=False)
        )
        self.folder = tempfile.mkdtemp(prefix="ranks")  # last: what fails before it leaves nothing behind

    def __enter__(self) -> Rendezvous:
        return self

    def __exit__(self, *_: object) -> None:
        self.store = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def join(self, rank: int, ranks: Ranks) -> None:
        """Give this process the environment of a rank, and make its process group unless the student does."""
        os.environ.update(environment(rank, ranks.nprocs, self.store.port if self.store else 0))
        make_ready()
        if ranks.init_process_group:
            dist.init_process_group(
                "gloo",
                store=dist.FileStore(str(Path(self.folder, "store")), ranks.nprocs),
                rank=rank,
                world_size=ranks.nprocs,
                timeout=timedelta(seconds=(within(ranks.seconds) + ranks.seconds) / 2),  # after the launcher has
            )


def environment(rank: int, nprocs: int, port: int) -> dict[str, str]:
    """Return what torchrun tells a worker, on one machine and without restarts."""
    store = {"MASTER_ADDR": LOCALHOST, "MASTER_PORT": str(port), "TORCHELASTIC_USE_AGENT_STORE": "True"}
    return {
        "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(nprocs), "LOCAL_WORLD_SIZE": str(nprocs),
        "GROUP_RANK": "0", "GROUP_WORLD_SIZE": "1", "ROLE_RANK": str(rank), "ROLE_WORLD_SIZE": str(nprocs),
        "ROLE_NAME": "default", "TORCHELASTIC_RUN_ID": "none",
        "TORCHELASTIC_RESTART_COUNT": "0", "TORCHELASTIC_MAX_RESTARTS": "0",
        "TORCH_DISTRIBUTED_DEBUG": "DETAIL", "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": loopback(),
        **(store if port else {}),
    }  # fmt: skip


def loopback() -> str:
    """Return the name of the loopback interface."""
    return next((name for _, name in socket.if_nameindex() if name.startswith("lo")), "lo")


def make_ready() -> None:
    """Have collectives compared between ranks, and work around two faults of torch."""
    dist.set_debug_level(dist.DebugLevel.DETAIL)
    dist.Logger = _QuietLogger
    original = DistributedDataParallel.__init__

    @wraps(original)
    def kept(self: Any, *args: Any, **kwargs: Any) -> None:
        """The last reference to a wrapper that dies behind destroy_process_group() may wait for its threads forever."""
        KEPT.append(self)
        original(self, *args, **kwargs)

    DistributedDataParallel.__init__ = kept  # type: ignore[method-assign]


class _QuietLogger(dist.Logger):  # type: ignore[misc]
    """DDP's own: with DETAIL it takes the group that compares for a plain one of gloo, and ends the process."""

    def set_construction_data_and_log(self, *_: Any) -> None:
        """Say nothing."""
