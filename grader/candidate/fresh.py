"""Answers a call in a process that was executed for it, and so has never been near CUDA before: for calls on a GPU.

CUDA does not outlive a fork, and torch in a fork may have counted devices already. In a sandbox none of our files can
be read, so the zygote packs our own sources when it starts, and a candidate hands them on to what it executes.
STUDENT CODE RUNS HERE, after confinement: rlimits, the filter and the lack of privileges outlive the exec.
"""

from __future__ import annotations

import fcntl
import os
import random
import socket
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import numpy
import torch

from grader.candidate import loader
from grader.wire import protocol
from grader.wire.entry import HELLO
from grader.wire.frames import send
from grader.wire.sources import sources

CALL, SOURCES, LOAD = 3, 4, 5  # the descriptors that the executed process gets


@cache
def boot() -> str:
    """Return what the executed process runs. Asked for once before a sandbox is entered, so that it is there."""
    begins = (Path(__file__).parent / "boot.py").read_text(encoding="utf-8")
    return f"{begins}\nbegin({SOURCES})\nfrom grader.candidate.fresh import main\nmain()\n"


def execute(call: socket.socket, load: protocol.Load, most: int) -> NoReturn:
    """Become a new interpreter, which answers the call and ends. A candidate's number stays its own."""
    try:
        os.setsid()
        call.send(HELLO)
        assert load.fresh is not None
        given = (call.fileno(), _unlinked(sources()), _unlinked(protocol.encode(load)))
        above = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, CALL + len(given)) for descriptor in given]
        for number, descriptor in enumerate(above, CALL):
            os.dup2(descriptor, number)
        os.closerange(CALL + len(given), 1024)
        environment = {**loader.ENVIRONMENT, "CUDA_VISIBLE_DEVICES": load.fresh.visible}
        os.execve(sys.executable, [sys.executable, "-I", "-c", boot(), str(most)], environment)
    finally:
        os._exit(0)


def _unlinked(data: bytes) -> int:
    """Return a descriptor of a file that has no name and holds this."""
    descriptor, path = tempfile.mkstemp()
    os.unlink(path)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


# ---- in the executed process -----------------------------------------------------------------------------------


def main() -> NoReturn:
    """Import the module, answer one call, and end."""
    try:
        most = int(sys.argv[1])
        with open(LOAD, "rb") as file:
            load = protocol.request(file.read())
        assert isinstance(load, protocol.Load)
        assert load.fresh is not None
        _respond(socket.socket(fileno=CALL), load, load.fresh, most)
    finally:
        os._exit(0)


def _respond(call: socket.socket, load: protocol.Load, fresh: protocol.Fresh, most: int) -> None:
    make_ready(fresh)
    root = loader.written(load)
    student, reply = loader.imported(load, root)
    if not isinstance(reply, protocol.Loaded):
        send(call, protocol.encode(reply))
        return
    probes = loader.probes_of(load)
    make_ready(fresh)  # again: whatever the student's module set, a call begins alike
    loader.respond(call, student, probes, root, most, lambda sent: arrived(sent, home(fresh)))


def make_ready(fresh: protocol.Fresh) -> None:
    """Set how precisely is computed, and start all random numbers anew."""
    torch.set_num_threads(1)
    torch.backends.cuda.matmul.allow_tf32 = fresh.tf32
    torch.backends.cudnn.allow_tf32 = fresh.tf32
    torch.manual_seed(fresh.seed)
    numpy.random.seed(fresh.seed % 2**32)
    random.seed(fresh.seed)


def home(fresh: protocol.Fresh) -> torch.device:
    """Return the device on which what is sent arrives: the first; for the ranks of a launch each its own in turn."""
    rank = int(os.environ.get("LOCAL_RANK", "0"))
    return torch.device(fresh.devices[rank % len(fresh.devices)])


def arrived(sent: Any, device: torch.device) -> Any:
    """Return a tree of values with its tensors on a device, and with that one for every device that is named in it."""
    if isinstance(sent, torch.Tensor):
        return sent.to(device)
    if isinstance(sent, torch.device):
        return device
    if isinstance(sent, list | tuple):
        return type(sent)(arrived(item, device) for item in sent)
    if isinstance(sent, Mapping):
        return {key: arrived(item, device) for key, item in sent.items()}
    return sent
