"""A sandbox that somebody else ended is noticed, and what was said of its student is not believed."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest

from grader.errors import SandboxUnavailable
from grader.model import Limits, Status
from grader.referee.entry import Entry
from grader.referee.watch import KILLED, Watch, ending
from grader.work import Verdict

VERDICT = Verdict("ada", Status.GRADED, seconds=1.5)


class Holder:
    """A process that stands for a sandbox."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(["sleep", "600"])
        self.pid = self.process.pid
        self.pidfd = os.pidfd_open(self.pid)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.pidfd)


@pytest.fixture
def holder() -> Iterator[Holder]:
    made = Holder()
    yield made
    if made.process.poll() is None:
        made.end()


@pytest.fixture
def watch(holder: Holder) -> Watch:
    return Watch(lambda limits: holder, lambda limits, held: cast(Entry, SimpleNamespace(holder=held, lost=False)))


def entered(watch: Watch) -> Entry:
    return watch(Limits())


def end(entry: Entry) -> None:
    assert entry.holder is not None
    entry.holder.end()


def test_a_verdict_is_believed_where_each_sandbox_lived_until_its_end(watch: Watch):
    end(entered(watch))
    assert watch.believed(VERDICT) is VERDICT


def test_it_is_not_where_a_holder_had_been_killed_before(watch: Watch, holder: Holder):
    entry = entered(watch)
    holder.process.kill()
    holder.process.wait()
    end(entry)
    assert watch.believed(VERDICT) == Verdict("ada", Status.UNFINISHED, reason=KILLED, seconds=1.5)


def test_it_is_not_where_the_keeper_was_lost(watch: Watch):
    entry = entered(watch)
    entry.lost = True
    end(entry)
    assert watch.believed(VERDICT).reason == KILLED


def test_what_our_side_says_of_itself_is_kept(watch: Watch):
    entered(watch).lost = True
    broke = Verdict("ada", Status.UNFINISHED, reason="no fork")
    assert watch.believed(broke) is broke


def test_after_one_that_was_killed_no_other_is_entered(watch: Watch):
    entered(watch).lost = True
    with pytest.raises(SandboxUnavailable, match="killed from outside"):
        entered(watch)


def test_without_walls_there_is_nothing_to_hold():
    watch = Watch(None, lambda limits, held: cast(Entry, SimpleNamespace(holder=held, lost=False)))
    assert entered(watch).holder is None
    assert watch.believed(VERDICT) is VERDICT


def test_a_process_that_lives_is_not_ending_and_one_that_is_stopped_is_not_either(holder: Holder):
    assert not ending(holder.pid, holder.pidfd)
    os.kill(holder.pid, signal.SIGSTOP)
    assert not ending(holder.pid, holder.pidfd)


def test_a_zombie_has_ended_and_so_has_one_that_was_reaped(holder: Holder):
    holder.process.kill()
    os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
    assert ending(holder.pid, holder.pidfd)
    holder.process.wait()
    assert ending(holder.pid, holder.pidfd)
