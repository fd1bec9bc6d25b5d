"""A sandbox's memory, seen from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from grader.referee import memory
from grader.referee.memory import INODE, SOCKET, TCP_SOCKET, buffers, in_use, processes

MB = 1 << 20
GONE = 1 << 30  # no process has this number
HOLDS = """
import ctypes, mmap, os, sys, threading, time
kept = []
def rewrite():
    if "rewritten" in sys.argv:
        for block in kept:
            at = id(block) + 4096
            for _ in range(len(block) // 4096 - 1):
                ctypes.memmove(at, at, 1)
                at += 4096
for word in sys.argv[1:]:
    kind, _, size = word.partition("=")
    if kind == "private":
        kept.append(b"x" * (int(size) << 20))
    if kind == "shared":
        block = mmap.mmap(-1, int(size) << 20)
        block.write(b"x" * len(block))
        kept.append(block)
    if kind == "children":
        for _ in range(int(size)):
            if os.fork() == 0:
                rewrite()
                kept.append(b"y" * (10 << 20))
                break
def wait():
    print("ready", flush=True)
    time.sleep(60)
if "leaderless" in sys.argv:
    threading.Thread(target=wait).start()
    ctypes.CDLL(None).pthread_exit(None)
wait()
"""


class Held:
    """Processes that hold memory."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack

    def __call__(self, *words: str, lines: int = 1) -> int:
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", HOLDS, *words], stdout=subprocess.PIPE, start_new_session=True
        )
        self.stack.callback(process.wait)
        self.stack.callback(os.killpg, process.pid, 9)
        assert process.stdout is not None
        self.stack.callback(process.stdout.close)
        for _ in range(lines):
            process.stdout.readline()
        return process.pid


@pytest.fixture
def hold() -> Iterator[Held]:
    with ExitStack() as stack:
        yield Held(stack)


def test_descendants_are_found(hold):
    root = hold("children=3", lines=4)
    assert len(processes([root])) == 4
    assert processes([root]) >= {root}


def test_a_process_that_has_gone_uses_nothing():
    child = subprocess.Popen([sys.executable, "-S", "-c", ""])
    child.wait()
    assert processes([child.pid]) == {child.pid}
    assert in_use([child.pid], [], 0) == 0


def test_private_and_shared_memory_count(hold):
    assert 40 * MB <= in_use([hold("private=40")], [], 0) < 80 * MB
    assert 40 * MB <= in_use([hold("shared=40")], [], 0) < 80 * MB


def test_what_every_fork_starts_with_does_not_count(hold):
    root = hold("private=40")
    assert in_use([root], [], 1024 * MB) == 0
    assert in_use([root], [], 30 * MB) < 50 * MB


def test_all_processes_of_a_sandbox_count_together(hold):
    assert in_use([hold("children=4", lines=5)], [], 0) >= 40 * MB


def test_pages_that_forks_share_count_once_and_those_that_they_wrote_to_as_often(hold):
    shared = hold("private=60", "children=5", lines=6)
    own = hold("private=60", "children=5", "rewritten", lines=6)
    assert in_use([shared], [], 100 * MB, most=200 * MB) < 200 * MB
    assert in_use([own], [], 100 * MB, most=200 * MB) > 250 * MB


def test_what_a_process_does_not_let_be_read_counts_as_its_own(hold, monkeypatch):
    root = hold("private=60", "children=5", lines=6)
    monkeypatch.setattr(memory, "ROLLUP", "/proc/{}/nothing")
    assert in_use([root], [], 100 * MB, most=200 * MB) > 250 * MB


def test_what_ends_while_it_is_divided_counts_no_more():
    ended = subprocess.Popen([sys.executable, "-S", "-c", "pass"])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # without its memory, but still there
    assert memory._divided(ended.pid, memory.Held(60 * MB, 0)) == 0
    ended.wait()


def test_a_process_counts_whose_first_thread_has_ended(hold):
    assert in_use([hold("private=40", "leaderless")], [], 0) >= 40 * MB


def test_memory_that_is_handed_on_while_we_look_counts(hold, monkeypatch):
    looks = iter([{GONE}, {GONE}, {hold("private=40")}, {GONE}])
    monkeypatch.setattr(memory, "processes", lambda _: next(looks))
    assert in_use([GONE], [], 0) >= 40 * MB


def test_memory_that_was_swapped_out_counts():
    status = "Name:\tx\nRssAnon:\t 8 kB\nRssFile:\t 5 kB\nRssShmem:\t 4 kB\nVmSwap:\t 1000 kB\n"
    assert memory.sizes(status) == memory.Held(anonymous=1008 << 10, shared=4 << 10)
    assert memory.sizes("Name:\tx\nState:\tZ (zombie)\n") is None


def test_its_file_systems_count(tmp_path):
    folder = os.open("/dev/shm", os.O_PATH)
    try:
        room = os.fstatvfs(folder)
        files = (room.f_files - room.f_ffree) * INODE  # empty ones are held in memory too
        assert files > 0
        used = in_use([GONE], [folder], 0)
    finally:
        os.close(folder)
    assert used == (room.f_blocks - room.f_bfree) * room.f_frsize + files
    assert in_use([GONE], [folder], 0) == 0  # a sandbox that has ended


def test_what_its_sockets_may_hold_counts():
    before = buffers(os.getpid())
    pairs = [socket.socketpair() for _ in range(8)]
    with socket.create_server(("127.0.0.1", 0)):
        assert buffers(os.getpid()) >= before + 17 * SOCKET + TCP_SOCKET
    for one, other in pairs:
        one.close()
        other.close()
