"""What killed processes leave behind comes to the process that adopts, and is gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from grader.referee.memory import children
from grader.referee.orphans import adopting, end_adopted

# A child in a group of its own, as the warm processes are, leaves a process in another session and ends.
LEAVES = """
import os, sys
if os.fork() == 0:
    os.setsid()
    os.execv(sys.executable, [sys.executable, "-c", sys.argv[1], *sys.argv[2:]])
"""
SLEEPS = "import time; time.sleep(600)"


def left_by_a_child(*words: str) -> int:
    """Return the process that a child has left to us."""
    before = set(children(os.getpid()))
    subprocess.run([sys.executable, "-c", LEAVES, *words], check=True, process_group=0)
    (pid,) = set(children(os.getpid())) - before
    return pid


def test_what_runs_with_a_zygotes_command_line_is_killed_and_reaped():
    own = set(children(os.getpid()))
    with adopting():
        left_by_a_child(SLEEPS, "grader.candidate.zygote")
        end_adopted(own)
        assert set(children(os.getpid())) == own


def test_pid_1_of_a_namespace_is_killed_with_all_that_is_in_it():
    own = set(children(os.getpid()))
    with adopting():
        left_by_a_child("import os; os.execvp('unshare', ['unshare', '-r', '-p', '--fork', 'sleep', '600'])")
        (unshare,) = set(children(os.getpid())) - own
        while not (inside := children(unshare)):
            time.sleep(0.005)
        os.kill(unshare, 9)
        os.waitpid(unshare, 0)
        assert set(children(os.getpid())) - own == set(inside)
        end_adopted(own)
        assert set(children(os.getpid())) == own


def test_what_has_ended_is_reaped():
    own = set(children(os.getpid()))
    with adopting():
        pid = left_by_a_child("")
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        end_adopted(own)
        assert set(children(os.getpid())) == own


def test_what_this_process_started_itself_is_left_alone():
    own = set(children(os.getpid()))
    with adopting(), subprocess.Popen([sys.executable, "-c", SLEEPS, "grader.candidate.zygote"]) as plugins:
        end_adopted(own)
        assert plugins.poll() is None
        plugins.kill()


def test_it_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr("grader.referee.orphans.END_SECONDS", 0.05)
    own = set(children(os.getpid()))
    with adopting():
        pid = left_by_a_child(SLEEPS)  # a stranger's: it is not ours to kill
        end_adopted(own)
        assert pid in children(os.getpid())
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def test_afterwards_orphans_go_where_they_went_before():
    own = set(children(os.getpid()))
    with adopting():
        pass
    subprocess.run([sys.executable, "-c", LEAVES, "", ""], check=True, process_group=0)
    time.sleep(0.05)
    assert set(children(os.getpid())) == own


def test_one_who_adopted_before_still_does():
    with adopting():
        with adopting():
            pass
        pid = left_by_a_child("")
        os.waitpid(pid, 0)
