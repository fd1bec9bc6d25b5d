"""Real ranks for tests of what they say to each other: forked, over gloo, with what they return or raise."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch._dynamo  # DistributedDataParallel imports it at first use, for a second: in every fork
import torch.distributed as dist

SECONDS = 60


def ranks(rank: Callable[..., Any], folder: Path, *args: Any, nprocs: int = 2) -> list[Any]:
    """Return what `rank(*args)` returns in each of `nprocs` processes. Raises what the first failing one raises."""
    over, end = os.pipe()  # ranks stay until all have answered: who goes first takes the connections along
    started = [_forked(rank, number, nprocs, folder, args, over, end) for number in range(nprocs)]
    answers = [_read(reader) for _, reader in started]
    os.close(end)
    os.close(over)
    for pid, _ in started:
        os.waitpid(pid, 0)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return answers


def _forked(
    rank: Callable[..., Any], number: int, nprocs: int, folder: Path, args: tuple[Any, ...], over: int, end: int
) -> tuple[int, int]:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    try:
        os.close(end)
        signal.alarm(SECONDS)  # its default is to end the process: nothing hangs for longer
        torch.set_num_threads(1)
        store = dist.FileStore(str(folder / "store"), nprocs)
        dist.init_process_group("gloo", store=store, rank=number, world_size=nprocs)
        try:
            answer = rank(*args)
        except BaseException as error:
            answer = error
        with os.fdopen(writer, "wb") as file:
            pickle.dump(answer, file)
        os.read(over, 1)
    finally:
        os._exit(0)  # torch's teardown hangs now and then


def _read(reader: int) -> Any:
    with os.fdopen(reader, "rb") as file:
        data = file.read()
    return pickle.loads(data) if data else RuntimeError("a rank ended without an answer")
