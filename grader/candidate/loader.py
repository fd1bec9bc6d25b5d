"""Imports the student's module once and forks a candidate for each call. STUDENT CODE RUNS HERE, after confinement.

Whatever this process or a candidate says is data. Its wire is a stream of frames: one Load, its reply, then one byte
with a descriptor for each call.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
import tempfile
import types
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import torch

from grader.candidate.forbidden import forbid
from grader.wire import protocol
from grader.wire.answer import answer, raised
from grader.wire.entry import HELLO
from grader.wire.frames import receive, send
from grader.wire.linux import fork_sibling

ENVIRONMENT = {
    "HOME": "/work", "TMPDIR": "/tmp", "PATH": "/usr/bin", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1",
    "TORCHINDUCTOR_CACHE_DIR": "/tmp/ind", "GLOO_SOCKET_IFNAME": "lo", "PYTHONDONTWRITEBYTECODE": "1",
    "MPLBACKEND": "agg",
}  # fmt: skip
MOST_NAMES = 1000


def serve(wire: socket.socket, most: int, execute: Callable[..., NoReturn]) -> None:
    """Load, then fork a candidate for each call, until the wire ends. `execute` is for those that start anew."""
    os.environ.update(ENVIRONMENT)
    sys.dont_write_bytecode = True
    load = protocol.request(receive(wire, most))
    assert isinstance(load, protocol.Load)
    candidate: Callable[[socket.socket], None]
    if load.fresh is None:
        root = written(load)
        student, reply = imported(load, root)
        candidate = partial(_candidate, student=student, probes=probes_of(load), root=root, most=most)
    else:
        reply, candidate = protocol.Loaded(), partial(execute, load=load, most=most)
    send(wire, protocol.encode(reply))
    while True:
        data, descriptors, _, _ = socket.recv_fds(wire, 1, 1)
        if not data:
            return
        if fork_sibling() == 0:
            candidate(socket.socket(fileno=descriptors[0]))
        os.close(descriptors[0])


def _candidate(call: socket.socket, student: types.ModuleType, probes: types.ModuleType, root: str, most: int) -> None:
    """Answer one call and end."""
    try:
        os.setsid()  # a signal to its own group reaches neither the loader nor another candidate
        call.send(HELLO)  # its credentials tell the referee which process this is
        torch.set_num_threads(1)  # whatever the student's module set: a forked OpenMP pool hangs
        respond(call, student, probes, root, most)
    finally:
        os._exit(0)


def respond(
    call: socket.socket,
    student: types.ModuleType,
    probes: types.ModuleType,
    root: str,
    most: int,
    arrived: Callable[[Any], Any] | None = None,
) -> None:
    """Take one request and reply to it. `arrived` makes of what was sent what the call gets."""
    request = protocol.request(receive(call, most))
    assert isinstance(request, protocol.Call)
    guard = forbid(request.forbidden, root, student) if request.forbidden else None
    if request.ranks is None and request.script is None:
        reply = answer(request, student, probes, root=root, guard=guard, arrived=arrived)
    else:  # the zygote has it; a fresh process would need as long as for all else, and seldom needs it
        from grader.ranks.launch import answered

        reply = answered(request, student, probes, root=root, guard=guard, arrived=arrived, most=most)
    send(call, protocol.encode(reply))


def written(load: protocol.Load) -> str:
    """Write the files where the student's own imports find them; return that folder."""
    root = tempfile.mkdtemp(prefix="submission", dir=os.getcwd() if os.path.isdir("/output") else None)
    for name, data in load.files.items():
        path = Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    os.chdir(root)
    sys.path.insert(0, root)
    return root


def imported(load: protocol.Load, root: str) -> tuple[types.ModuleType, protocol.Reply]:
    """Import the student's module; what it raises is the reply."""
    spec = importlib.util.spec_from_file_location(load.module, Path(root, load.entry))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[load.module] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        return module, raised(error, root)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # it printed more than may be kept, or closed it
                stream.flush()
    return module, protocol.Loaded(_names(module), _notes(module))


def _names(module: types.ModuleType) -> tuple[str, ...]:
    return tuple(name for name in vars(module) if isinstance(name, str) and not name.startswith("_"))[:MOST_NAMES]


def _notes(module: types.ModuleType) -> tuple[str, ...]:
    """What a notebook's runner passed over while it executed the cells."""
    notes = getattr(module, "__grader_notes__", ())
    return tuple(str(note)[:300] for note in notes)[:100] if isinstance(notes, list | tuple) else ()


def probes_of(load: protocol.Load) -> types.ModuleType:
    """Run probes.py beside the student's module."""
    module = types.ModuleType("probes")
    sys.modules["probes"] = module
    exec(compile(load.probes, "probes.py", "exec"), vars(module))
    return module
