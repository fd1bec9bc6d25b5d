"""The warm referee: imports torch and collects an assignment's hidden checks once, then forks one referee a submission.

Executed as `python -m grader.referee.server TASKS ZYGOTE` (two socket descriptors) by the local executor. It is one
pytest run whose loop over the tests is `serve`; the forks end without returning from it.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import signal
import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, suppress
from functools import partial
from typing import Any, Literal, cast

import pytest
import torch

from grader.errors import GraderError, WireError
from grader.model import Limits, Status
from grader.referee import task as messages
from grader.referee.entry import Entry
from grader.referee.forks import Forks
from grader.referee.judge import hear
from grader.referee.leases import SECONDS, Leases
from grader.referee.rehearsal import rehearse
from grader.referee.submission import Referee, suite_and_checks
from grader.referee.task import Broken, Judged, Ready, Setup, Task
from grader.referee.watch import Watch
from grader.wire.frames import receive, send
from grader.wire.linux import PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE, collapse_memory, die_with_parent, prctl
from grader.work import Verdict

MOST = 1 << 31
LAST_LINES = 6  # of what could not be collected: the sentence, or the end of a traceback
GRACE = 300.0  # seconds beyond what a submission may use, for our own side
UNUSED = ("cacheprovider", "terminal", "faulthandler", "logging")
OPTIONS = ("-s", "--assert=plain", "--import-mode=importlib", *(x for name in UNUSED for x in ("-p", f"no:{name}")))


class Server:
    """The pytest plugin that takes the loop over."""

    def __init__(self, tasks: socket.socket, zygote: socket.socket, setup: Setup) -> None:
        self.tasks = tasks
        self.zygote = zygote
        self.setup = setup
        self.problems: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be collected."""
        if report.failed:
            self.problems.append("\n".join(str(report.longrepr).splitlines()[-LAST_LINES:]))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self) -> Iterator[None]:
        """Pass on why the checks cannot work."""
        try:
            yield
        except pytest.UsageError as error:
            say(self.tasks, Broken("check-defect", str(error)))
            raise

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Tell the judge what a check raised. pytest's own report would format each failure, for nobody."""
        hear(item, call)
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, cast(Any, call.when))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Serve instead of running the tests."""
        if self.problems or not session.items:
            say(
                self.tasks,
                Broken("check-defect", "\n".join(dict.fromkeys(self.problems)) or "there are no hidden checks"),
            )
            return True
        suite, checks = suite_and_checks(session.items)
        watch = self._watching()
        referee = Referee(suite, checks, session.items, watch, Leases(self.setup.devices))
        rehearse(suite, checks, session.items)
        gc.collect()
        gc.freeze()
        collapse_memory()
        sys.stderr = sys.__stderr__
        with suppress(BrokenPipeError):  # the run was given up while this one started
            say(self.tasks, Ready())
            self._serve(referee, watch)
        return True

    def _watching(self) -> Watch:
        if self.setup.prepare:
            named(self.setup.prepare)()
        return Watch(named(self.setup.hold) if self.setup.hold else None, partial(Entry, self.zygote))

    def _serve(self, referee: Referee, watch: Watch) -> None:
        on_gpus = sum(check.gpu is not None for check in referee.checks.values()) if self.setup.devices else 0
        forks = Forks(self.tasks, self._pass_on, deadline(referee.limits, on_gpus))
        with suppress(WireError, ConnectionResetError):  # the executor was killed while it sent a task
            while forks.wait():
                job = messages.task(receive(self.tasks, MOST))
                forks.start(job.key, partial(self._referee, referee, watch, job))
        forks.end()

    def _pass_on(self, verdict: Verdict) -> None:
        with suppress(OSError):  # the executor has gone: the loop will see it
            say(self.tasks, Judged(verdict))

    def _referee(self, referee: Referee, watch: Watch, job: Task) -> bytes:
        """Runs in the fork."""
        self.tasks.close()
        try:
            return messages.encode(watch.believed(referee.verdict(job)))
        except Exception as error:
            traceback.print_exc()
            reason = f"the referee broke: {type(error).__name__}: {error}"
            return messages.encode(Verdict(job.key, Status.UNFINISHED, reason=reason))


def deadline(limits: Limits, on_gpus: int = 0) -> float:
    """Return the seconds after which a referee is killed: it bounds its student itself, so this is our own fault.

    Each of the checks `on_gpus` may wait for a lease, and looks at the GPU before and after.
    """
    for_each = SECONDS + limits.submission_seconds + 2 * limits.load_seconds
    return GRACE + 2 * (limits.load_seconds + limits.submission_seconds) + on_gpus * for_each


def say(sock: socket.socket, message: Any) -> None:
    """Send a message to the executor."""
    send(sock, messages.encode(message))


def named(path: str) -> Any:
    """Return what "module:name" means."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def main() -> None:
    """Collect, then serve until the executor closes its end."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    prctl(PR_SET_DUMPABLE, 0)  # another process of the same user cannot read its memory, or its descriptors
    torch.set_num_threads(1)  # before any operation: a fork of a process whose OpenMP pool has run hangs
    tasks, zygote = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    setup = messages.setup(receive(tasks, MOST))
    arguments = [*OPTIONS, "-c", os.devnull, "--rootdir", setup.solution, "-p", "grader.referee.plugin", setup.solution]
    try:
        with redirect_stderr(io.StringIO()):  # what pytest says of a broken check is said by the executor
            pytest.main(arguments, plugins=[Server(tasks, zygote, setup)])
    except GraderError as error:
        say(tasks, Broken(error.code, str(error)))


if __name__ == "__main__":
    main()
    sys.stderr.flush()
    os._exit(0)  # taking an interpreter full of torch apart would cost half a second
