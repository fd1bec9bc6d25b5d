"""The forks of the warm referee, one a submission, and what they send back."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec
from msgspec import Struct

from grader.model import Status
from grader.wire.linux import die_with_parent
from grader.work import Verdict

CHUNK = 1 << 20
END_SECONDS = 3.0
KILLED = float("inf")  # the deadline of one that has been killed

_verdict = msgspec.msgpack.Decoder(Verdict).decode


class Fork(Struct):
    """A referee at work."""

    key: str
    pid: int
    received: bytearray
    until: float


class Forks:
    """Starts referees and passes their verdicts on. One that ends without a verdict is a verdict: unfinished."""

    def __init__(self, tasks: socket.socket, pass_on: Callable[[Verdict], None], seconds: float) -> None:
        self.tasks = tasks
        self.pass_on = pass_on
        self.seconds = seconds
        self.running: dict[int, Fork] = {}  # by the descriptor of its pipe

    def start(self, key: str, work: Callable[[], bytes]) -> None:
        """Fork a process that does the work and sends the bytes back."""
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                die_with_parent()
                for descriptor in (reader, *self.running):
                    os.close(descriptor)
                with os.fdopen(writer, "wb") as pipe:
                    pipe.write(work())
            finally:
                os._exit(0)
        os.close(writer)
        self.running[reader] = Fork(key, pid, bytearray(), time.monotonic() + self.seconds)

    def wait(self) -> bool:
        """Pass verdicts on until a task is waiting; False once the executor has gone."""
        while True:
            waiting: list[socket.socket | int] = [self.tasks, *self.running]
            readable = select.select(waiting, [], [], self._soonest())[0]
            for descriptor in readable:
                if isinstance(descriptor, int):
                    self._take(descriptor)
            self._kill_late()
            if self.tasks in readable:
                try:
                    return bool(self.tasks.recv(1, socket.MSG_PEEK))
                except ConnectionResetError:  # it has gone without having read all
                    return False

    def end(self) -> None:
        """Kill those still at work, and wait for all that they leave to this subreaper: holders end with them."""
        for fork in self.running.values():
            os.kill(fork.pid, signal.SIGKILL)
        until = time.monotonic() + END_SECONDS
        with suppress(ChildProcessError):
            while time.monotonic() < until:
                if os.waitpid(-1, os.WNOHANG) == (0, 0):
                    time.sleep(0.005)

    def _soonest(self) -> float | None:
        until = min((fork.until for fork in self.running.values()), default=KILLED)
        return None if until == KILLED else max(0.0, until - time.monotonic())

    def _kill_late(self) -> None:
        for fork in self.running.values():
            if fork.until < time.monotonic():
                os.kill(fork.pid, signal.SIGKILL)
                fork.until = KILLED

    def _take(self, descriptor: int) -> None:
        fork = self.running[descriptor]
        if data := os.read(descriptor, CHUNK):
            fork.received += data
            return
        os.close(descriptor)
        del self.running[descriptor]
        _, status = os.waitpid(fork.pid, 0)
        self.pass_on(_understood(fork, status))


def _understood(fork: Fork, status: int) -> Verdict:
    try:
        return _verdict(bytes(fork.received))
    except msgspec.DecodeError:
        how = "ran out of time" if fork.until == KILLED else f"ended with wait status {status}"
        return Verdict(fork.key, Status.UNFINISHED, reason=f"its referee {how} before it had a verdict")
