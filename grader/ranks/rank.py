"""What one rank does: meet the others, answer, tell the launcher, and wait to be ended. STUDENT CODE RUNS HERE."""

from __future__ import annotations

import faulthandler
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

import torch

from grader.ranks.descriptors import vacate
from grader.ranks.rendezvous import Rendezvous
from grader.wire import protocol
from grader.wire.answer import raised
from grader.wire.frames import send
from grader.wire.linux import die_with_parent
from grader.wire.protocol import Ranks, Reply

WHERE = signal.SIGUSR2  # has a rank write its stack
BROKE = 70


def settle(told: socket.socket, prints: socket.socket, traces: int) -> None:
    """Be a process of its own: its session, its output, and no descriptor of another rank."""
    os.setsid()
    if sys.platform == "linux":
        die_with_parent()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, prints.fileno()), (2, prints.fileno())):
        os.dup2(source, target)
    vacate(told.fileno(), traces)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)


def serve(
    number: int, ranks: Ranks, rendezvous: Rendezvous, work: Callable[[], Reply], told: socket.socket, traces: int
) -> NoReturn:
    """Answer, and stay until the launcher ends this process: the others may still need what it has sent.

    Nothing is taken apart: destructors of process groups are known to hang.
    """
    torch.set_num_threads(1)  # before any operation: a forked OpenMP pool hangs
    faulthandler.disable()  # of whoever forked this: its descriptor is another's now
    faulthandler.register(WHERE, file=traces, all_threads=True, chain=False)
    try:
        rendezvous.join(number, ranks)
    except Exception as error:  # others have gone already, or may have no more threads
        reply: Reply = raised(error, os.devnull)  # where nobody's files are
    else:
        reply = work()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    send(told, protocol.encode(reply))
    while told.recv(1):
        pass
    os._exit(0)
