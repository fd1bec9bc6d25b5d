"""Grades on this machine: one zygote and one warm referee for the whole run, `--jobs` submissions at a time.

Neither this process nor the gradebook is anywhere near student code, and torch is not imported here.
"""

from __future__ import annotations

import logging
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from grader.errors import CheckDefect, GraderError, SandboxUnavailable, WireError
from grader.hookspecs import hookimpl
from grader.model import Status
from grader.referee import task as messages
from grader.referee.memory import children
from grader.referee.orphans import adopting, end_adopted
from grader.referee.task import Broken, Judged, Ready, Setup, Task
from grader.wire.entry import ZYGOTE_READY
from grader.wire.frames import receive, send
from grader.work import Job, Sandbox, Verdict

START_SECONDS = 120
END_SECONDS = 5
GIVEN_UP_SECONDS = 0.5  # one who pressed Ctrl-C waits; without walls it is the referee that ends student code
REPLACED = 3  # warm pairs in a row that end without one verdict between
ENDED_STEP = "see whether the machine is short of memory (dmesg); the same command goes on with the rest"
MOST = 1 << 31
MEMFD_SEALS = 0xF
ADD_SEALS = 1033

log = logging.getLogger(__name__)


class WarmProcessEnded(GraderError):
    """The zygote or the referee ended in the middle of a run, though nothing that is handed in can end them."""

    code = "executor"


class Pair(NamedTuple):
    """The two warm processes, by the sockets on which they take tasks and orders."""

    tasks: socket.socket
    orders: socket.socket


@hookimpl(trylast=True)
def grader_execute(jobs: Iterable[Job], sandbox: Sandbox, workers: int) -> Iterator[Verdict]:
    """Yield verdicts in the order in which they come."""
    return _execute(iter(jobs), sandbox, workers)


def _execute(jobs: Iterator[Job], sandbox: Sandbox, workers: int) -> Iterator[Verdict]:
    """Execute on one warm pair, and on another where one of the two ends: its jobs are unfinished, for another try."""
    ended = 0
    with adopting():
        for first in jobs:
            running: set[str] = set()
            try:
                with ExitStack() as stack:
                    stack.callback(end_adopted, set(children(os.getpid())))
                    pair = _start(stack, first, sandbox)
                    for verdict in _judged(pair, chain([first], jobs), running, workers):
                        ended = 0 if verdict.status is not Status.UNFINISHED else ended
                        yield verdict
            except WarmProcessEnded as error:
                ended += 1
                if ended > REPLACED:
                    raise
                log.warning("%s in the middle of the run; both are started again", error.problem)
                yield from (Verdict(key, Status.UNFINISHED, reason=error.problem) for key in running)


def _judged(pair: Pair, jobs: Iterator[Job], running: set[str], workers: int) -> Iterator[Verdict]:
    """Yield verdicts; `running` holds the keys of the jobs that have none yet."""
    for job in islice(jobs, workers):
        _give(pair, job, running)
    while running:
        verdict = _next_verdict(pair)
        running.discard(verdict.key)
        following = next(jobs, None)
        if following is not None:
            _give(pair, following, running)
        yield verdict


def _give(pair: Pair, job: Job, running: set[str]) -> None:
    running.add(job.key)
    _tell(pair.tasks, _task(job))


def _next_verdict(pair: Pair) -> Verdict:
    """Wait for a verdict. The zygote is looked at first: after its end, what referees say of students means nothing."""
    if pair.orders in select.select([pair.tasks, pair.orders], [], [])[0]:
        raise WarmProcessEnded("the warm process that sandboxes are forked from ended", step=ENDED_STEP)
    try:
        answer = messages.answer(receive(pair.tasks, MOST))
    except (WireError, OSError) as error:
        raise WarmProcessEnded("the warm referee ended", step=ENDED_STEP) from error
    assert isinstance(answer, Judged)
    return answer.verdict


def _task(job: Job) -> Task:
    loaded = job.loaded
    return Task(job.key, dict(loaded.files), loaded.entry, job.seed, job.only, job.language)


def _start(stack: ExitStack, job: Job, sandbox: Sandbox) -> Pair:
    """Start the zygote and the referee beside each other, and wait until both are warm."""
    orders = start_zygote(stack)
    tasks, tasks_end = socket.socketpair()
    environment = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PATH": os.environ.get("PATH", os.defpath),
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }
    _spawn(stack, "grader.referee.server", [tasks_end, orders], environment)
    tasks_end.close()
    stack.callback(tasks.close)
    setup = Setup(str(job.assignment.solution), sandbox.hold, sandbox.prepare, job.devices)
    _tell(tasks, setup)
    wait_until_warm(orders)
    answer = messages.answer(_heard(tasks))
    if isinstance(answer, Broken):
        raise _defect(answer.problem)
    assert isinstance(answer, Ready)
    return Pair(tasks, orders)


def _defect(said: str) -> CheckDefect:
    """Say what the referee said, with a next step where it named none."""
    step = None if "\n  try  " in said else "run pytest on the solution folder"
    return CheckDefect(said.removeprefix(f"{CheckDefect.code}: "), step=step)


def start_zygote(stack: ExitStack) -> socket.socket:
    """Start the warm process from which sandboxes are forked; return the socket on which it takes orders."""
    orders, orders_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {
        "OPENBLAS_NUM_THREADS": "1",  # a process with threads cannot enter a user namespace
        "CUDA_VISIBLE_DEVICES": "",  # CUDA does not outlive a fork, so nothing that forks may begin to use it
    }
    _spawn(stack, "grader.candidate.zygote", [orders_end], environment)
    orders_end.close()
    stack.callback(orders.close)
    return orders


def wait_until_warm(orders: socket.socket) -> None:
    """Wait until the zygote takes orders.

    Raises:
        SandboxUnavailable: if it does not start.
    """
    if not select.select([orders], [], [], START_SECONDS)[0] or orders.recv(64) != ZYGOTE_READY:
        raise SandboxUnavailable("the warm process that sandboxes are forked from did not start", step="grader doctor")


def _tell(referee: socket.socket, message: Setup | Task) -> None:
    with suppress(OSError):  # one that has ended: told when it is to answer
        send(referee, messages.encode(message))


def _heard(referee: socket.socket) -> bytes:
    try:
        return receive(referee, MOST)
    except (WireError, OSError) as error:
        raise CheckDefect(
            "the referee ended; what it wrote is above", step="run pytest on the solution folder"
        ) from error


def _spawn(stack: ExitStack, module: str, sockets: list[socket.socket], environment: dict[str, str]) -> None:
    descriptors = [sock.fileno() for sock in sockets]
    arguments = [sys.executable, "-I", "-m", module, *map(str, descriptors)]
    process = subprocess.Popen(
        arguments,
        executable=_interpreter(stack) if module.endswith("zygote") else None,
        env=environment, pass_fds=descriptors, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        process_group=0,  # a terminal's Ctrl-C comes to us alone: theirs would be tracebacks while they import torch
    )  # fmt: skip
    stack.push(partial(_end, process))


def _end(process: subprocess.Popen[bytes], kind: type[BaseException] | None = None, *_: object) -> None:
    """Its sockets are closed, so it ends by itself; it is killed where it does not, soon if the run was given up.

    One of a broken pair is killed at once: what it would wait for may never come.
    """
    if kind is WarmProcessEnded:
        process.kill()
    given_up = kind is not None and not issubclass(kind, Exception)  # Ctrl-C, or closed
    try:
        process.wait(GIVEN_UP_SECONDS if given_up else END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _interpreter(stack: ExitStack) -> str | None:
    """Return what the zygote is executed from. An ordinary user's is a sealed copy in memory.

    Student code reaches its executable through /proc/self/exe, and could change the mode of a file that its user owns.
    """
    if os.geteuid() == 0:
        return None
    copy = os.memfd_create("python", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(os.path.realpath(sys.executable), "rb") as source:
        os.sendfile(copy, source.fileno(), 0, os.fstat(source.fileno()).st_size)
    import fcntl

    fcntl.fcntl(copy, ADD_SEALS, MEMFD_SEALS)
    stack.callback(os.close, copy)
    return f"/proc/{os.getpid()}/fd/{copy}"
