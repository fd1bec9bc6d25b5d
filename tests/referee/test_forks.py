"""The warm referee's forks: each ends with a verdict, and all end with the executor."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import msgspec
import pytest

from grader.model import Status
from grader.referee.forks import Forks
from grader.work import Verdict


class Executor:
    """The other side: a socket, and what was passed on."""

    def __init__(self, seconds: float) -> None:
        self.socket, self.own = socket.socketpair()
        self.verdicts: list[Verdict] = []
        self.forks = Forks(self.own, self.verdicts.append, seconds)

    def hear(self, count: int = 1) -> list[Verdict]:
        """Wait until so many verdicts were passed on."""
        while len(self.verdicts) < count:
            self.forks._kill_late()
            for descriptor in list(self.forks.running):
                self.forks._take(descriptor)
        return self.verdicts


@pytest.fixture
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    made = Executor(getattr(request, "param", 60.0))
    yield made
    for descriptor, fork in made.forks.running.items():
        os.close(descriptor)
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(fork.pid, signal.SIGKILL)
            os.waitpid(fork.pid, 0)
    made.socket.close()
    made.own.close()


def verdict(key: str) -> bytes:
    return msgspec.msgpack.encode(Verdict(key, Status.GRADED))


def sleep() -> bytes:
    time.sleep(600)
    return b""


def test_what_a_fork_sends_back_is_its_verdict(executor: Executor):
    executor.forks.start("ada", lambda: verdict("ada"))
    assert executor.hear() == [Verdict("ada", Status.GRADED)]


def test_one_that_is_killed_in_the_middle_of_its_verdict_is_unfinished(executor: Executor):
    executor.forks.start("ada", lambda: verdict("ada")[:-3])
    (found,) = executor.hear()
    assert (found.key, found.status) == ("ada", Status.UNFINISHED)
    assert found.reason == "its referee ended with wait status 0 before it had a verdict"


@pytest.mark.parametrize("executor", [0.05], indirect=True)
def test_one_that_runs_out_of_time_is_killed_and_unfinished(executor: Executor):
    executor.forks.start("ada", sleep)
    executor.forks.start("ben", lambda: verdict("ben"))
    time.sleep(0.1)
    executor.forks._kill_late()
    found = {v.key: v for v in executor.hear(2)}
    assert found["ada"].reason == "its referee ran out of time before it had a verdict"


def test_a_task_that_waits_is_said(executor: Executor):
    executor.socket.send(b"a task")
    assert executor.forks.wait()


def test_an_executor_that_has_gone_is_the_end(executor: Executor):
    executor.socket.close()
    assert not executor.forks.wait()


def test_an_executor_that_goes_without_having_read_a_verdict_is_the_end_too(executor: Executor):
    executor.own.send(b"a verdict")
    executor.socket.close()
    assert not executor.forks.wait()


def test_at_the_end_those_still_at_work_are_killed(executor: Executor):
    executor.forks.start("ada", sleep)
    (fork,) = executor.forks.running.values()
    executor.forks.end()
    with pytest.raises(ProcessLookupError):
        os.kill(fork.pid, signal.SIGKILL)
