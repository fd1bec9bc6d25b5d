"""Runs the submission's own file as a script under the real torchrun, and then the probe that looks at what it left.

Its workers, in a sandbox, cannot read a file of ours: what they need travels in memory, and is written for them.
"""

from __future__ import annotations

import os
import select
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from grader.ranks import agent, cause
from grader.ranks.ending import end_children
from grader.ranks.rendezvous import within
from grader.ranks.worker import Worker
from grader.wire.linux import PR_SET_CHILD_SUBREAPER, prctl
from grader.wire.protocol import Call, Halted, Place, Reply, Script
from grader.wire.sources import sources

LOOK_EVERY = 0.05
STACK_SECONDS = 0.3  # for the ranks to write where they are
CHUNK = 1 << 16
MOST_OUTPUT = 64 << 10  # bytes that are kept
LAST_OUTPUT = 4000  # characters, of a run that failed
CHATTER = "The hostname of the client socket cannot be retrieved"  # in a sandbox it has none that means anything
BOOT = """\
import sys
sys.path[0] = {sources!r}
from grader.ranks.script import main
{guard}
del sys.path[0]
main({folder!r}, {root!r}, {entry!r}, guard)
"""
# only a candidate has names to guard against, and its package is where this is read: no other imports it
GUARD = "from grader.candidate.forbidden import forbid; guard = forbid({names!r}, {root!r})"


def answered(call: Call, entry: str, root: str, work: Callable[[dict[str, Any]], Reply]) -> Reply:
    """Run the script, and then the probe by `work`, which is given what came of it; or say why it did not end well."""
    assert call.script is not None
    if sys.platform == "linux":
        prctl(PR_SET_CHILD_SUBREAPER, 1)  # what is left behind comes to this process, and is ended
    with tempfile.TemporaryDirectory(prefix="torchrun", ignore_cleanup_errors=True) as folder:
        run = Run(call.script, Path(folder), root)
        try:
            run.start(_boot(call, Path(folder), entry, root))
            stuck = run.wait()
        finally:
            end_children()
        if stuck is not None:
            return run.with_output(stuck)
        if run.status and not call.script.may_fail:
            return run.with_output(run.fault())
        return work(run.told())


def given(work: Callable[..., Reply], arrived: Callable[[Any], Any] | None, run: dict[str, Any]) -> Reply:
    """Answer by `work`, with what came of the run before all other arguments."""

    def with_run(sent: Any) -> Any:
        args, kwargs = arrived(sent) if arrived else sent
        return [run, *args], kwargs

    return work(arrived=with_run)


def _boot(call: Call, place: Path, entry: str, root: str) -> str:
    """Write what the workers execute; return its path."""
    zipped, boot = place / "grader.zip", place / "boot.py"
    zipped.write_bytes(sources())
    guard = GUARD.format(names=call.forbidden, root=root) if call.forbidden else "guard = None"
    boot.write_text(BOOT.format(sources=str(zipped), folder=str(place), root=root, entry=entry, guard=guard))
    return str(boot)


class Run:
    """One run of torchrun. `place` holds the folder in which the script runs, and what the workers tell."""

    def __init__(self, script: Script, place: Path, root: str) -> None:
        self.script = script
        self.place = place
        self.root = root
        self.folder = place / "work"
        self.failures = place / "failures"
        self.output = bytearray()
        self.status = 0
        self.started = self.seconds = 0.0

    def start(self, boot: str) -> None:
        """Write the files, and start torchrun."""
        self.folder.mkdir()
        for name, data in self.script.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        arguments = ["--nproc-per-node", str(self.script.nprocs), boot, *self.script.args]
        self.printed, prints = os.pipe()
        self.started = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            agent.become_torchrun(arguments, self.folder, self.failures, prints)
        os.close(prints)

    def wait(self) -> Halted | None:
        """Wait for torchrun's end; where it does not come in time, say where the ranks are."""
        until = self.started + within(self.script.seconds)
        try:
            while not self._over():
                if time.monotonic() > until:
                    return self._stuck()
                self._listen(LOOK_EVERY)
            for _ in range(MOST_OUTPUT // CHUNK + 1):  # what is left behind may print for ever
                self._listen(0)
        finally:
            os.close(self.printed)
            self.seconds = time.monotonic() - self.started
        return None

    def _over(self) -> bool:
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        self.status = os.waitstatus_to_exitcode(status) if pid else 0
        return pid != 0

    def _listen(self, seconds: float) -> None:
        """Take in what is printed."""
        if not select.select([self.printed], [], [], seconds)[0]:
            return
        data = os.read(self.printed, CHUNK)
        self.output += data[: MOST_OUTPUT - len(self.output)]
        if not data:
            time.sleep(seconds)  # nobody can print any more

    def workers(self) -> list[Worker]:
        """Return the ranks, as they ended."""
        ends = agent.ends(self.failures)
        return [Worker(self.place, number, ends.get(number)) for number in range(self.script.nprocs)]

    def _stuck(self) -> Halted:
        workers = self.workers()
        for worker in workers:
            worker.ask()
        time.sleep(STACK_SECONDS)
        return cause.stuck([worker.where(self.root) for worker in workers])

    def fault(self) -> Reply:
        """Return the first cause of a run that failed."""
        workers = self.workers()
        first = cause.first(workers)
        if first is None:
            return Halted("ended", Place(0, "ended"), status=agent.wait_status(self.status))
        return cause.halted(first, workers)

    def with_output(self, reply: Reply) -> Reply:
        """Add the end of what was printed."""
        return replace(reply, output=self._text()[-LAST_OUTPUT:]) if isinstance(reply, Halted) else reply

    def _text(self) -> str:
        lines = self.output.decode(errors="replace").splitlines(keepends=True)
        return "".join(line for line in lines if CHATTER not in line)

    def told(self) -> dict[str, Any]:
        """Return what a probe gets to know of the run, as plain data."""
        workers = self.workers()
        first = cause.first(workers)
        told = {worker.rank: worker.told for worker in workers if worker.told}
        return {
            "status": self.status,
            "seconds": self.seconds,
            "output": self._text(),
            "folder": str(self.folder),
            "error": first.described() if first else None,
            "saves": [{"rank": number, "path": path} for number, own in told.items() for path in own.saves],
            "collectives": {number: own.collectives for number, own in told.items()},
        }
