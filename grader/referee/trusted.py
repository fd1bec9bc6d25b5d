"""Trusted modules that answer calls in forks of their own: reference, misconceptions, an author's `--candidate`.

Nothing that a call mutates reaches the process that decides. These forks hold answers; no student code runs in them.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from types import ModuleType

import torch

from grader.errors import WireError
from grader.ranks.descriptors import vacate
from grader.ranks.launch import answered
from grader.ranks.rendezvous import preload
from grader.referee.faults import StudentFault, ended, out_of_time
from grader.wire import protocol
from grader.wire.frames import FrameReader, receive, send
from grader.wire.protocol import Call, Reply

MOST = 1 << 30


class Trusted:
    """Modules and their probes. `lasting`: one fork answers all calls, as is enough for deterministic modules."""

    def __init__(self, modules: Sequence[ModuleType], probes: ModuleType, root: str, *, lasting: bool = False) -> None:
        self.modules = modules
        self.probes = probes
        self.root = root
        self.lasting = lasting
        self.fork: tuple[int, socket.socket] | None = None

    def ask(self, call: Call, seconds: float, memory: int | None = None, *, which: int = 0) -> Reply:
        """Return the reply of a fork, from the module with this number.

        Raises:
            StudentFault: if it ends, or does not answer within `seconds`.
        """
        del memory  # our own code
        if call.ranks is not None:
            preload()  # once, here, and not in each rank
        _, sock = self.fork = self.fork or self._forked()
        try:
            send(sock, which.to_bytes(2) + protocol.encode(call.within(seconds)))
            reply = _received(sock, seconds)
        except TimeoutError:
            self.close()
            raise out_of_time(seconds, f"{call.target}()") from None
        except (WireError, OSError):
            raise self._crashed(call) from None
        if not self.lasting:
            self.close()
        return reply

    def _forked(self) -> tuple[int, socket.socket]:
        near, far = socket.socketpair()
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            far.close()
            return pid, near
        try:
            vacate(far.fileno())  # above all other forks' sockets: held open here, they would never end
            self._serve(far)
        finally:
            os._exit(0)

    def _serve(self, sock: socket.socket) -> None:
        torch.set_num_threads(1)
        while True:
            frame = receive(sock, MOST)
            which, call = int.from_bytes(frame[:2]), protocol.request(frame[2:])
            assert isinstance(call, Call)
            reply = answered(call, self.modules[which], self.probes, root=self.root, most=MOST)
            send(sock, protocol.encode(reply))

    def _crashed(self, call: Call) -> StudentFault:
        assert self.fork is not None
        pid, sock = self.fork
        self.fork = None
        sock.close()
        _, status, usage = os.wait4(pid, 0)
        return ended(status, usage.ru_utime, 1 << 30, f"{call.target}()")

    def close(self) -> None:
        """End the fork."""
        if self.fork is not None:
            pid, sock = self.fork
            self.fork = None
            sock.close()
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _received(sock: socket.socket, seconds: float) -> Reply:
    until = time.monotonic() + seconds
    reader = FrameReader(MOST)
    while not reader.complete:
        left = until - time.monotonic()
        if left <= 0 or not select.select([sock], [], [], left)[0]:
            raise TimeoutError
        data = sock.recv(min(reader.wanted, 1 << 20))
        if not data:
            raise WireError("it ended")
        reader.feed(data)
    return protocol.reply(reader.frame)
