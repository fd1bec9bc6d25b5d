"""A look sees each thing that a command leaks: a process, a descriptor, a file, a network namespace."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.look import Look, left_files, mounts, namespaces
from benchmarks.stops import adopting, at_rest, stops
from grader.redteam.dress import MARK
from grader.referee.memory import processes

ROUNDS = 2
LEAKS = f"""
import os, signal, subprocess, tempfile
kept = []
for _ in range({ROUNDS}):
    {{}}
    os.kill(os.getpid(), signal.SIGSTOP)
"""


def seen(folder: Path, leak: str) -> list[Look]:
    """Return the looks at a command that leaks something before each stop; what it left is ended."""
    with adopting() as before:
        try:
            return [*stops([sys.executable, "-c", LEAKS.format(leak)], folder, folder / "book", 10, before)]
        finally:
            for pid in at_rest(before):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def counted(found: list[Look], name: str) -> list[int]:
    return [look.counts[name] for look in found]


def test_each_stop_is_looked_at(tmp_path):
    found = seen(tmp_path, "pass")
    assert [look.finished for look in found] == [10, 20]
    assert counted(found, "processes") == [1, 1]
    assert counted(found, "temporary files") == [0, 0]
    assert found[0].memory["main process"] > 1 << 20


def test_an_orphan_that_stays_is_counted(tmp_path):
    orphan = "subprocess.run(['sh', '-c', 'sleep 60 &'], check=True)"
    assert counted(seen(tmp_path, orphan), "processes") == [2, 3]


def test_a_descriptor_that_stays_open_is_counted(tmp_path):
    first, second = counted(seen(tmp_path, "kept.append(open(os.devnull))"), "descriptors of the main process")
    assert second == first + 1


def test_a_file_that_stays_is_counted(tmp_path):
    assert counted(seen(tmp_path, "os.close(tempfile.mkstemp()[0])"), "temporary files") == [1, 2]


def test_memory_that_is_kept_is_measured(tmp_path):
    first, second = seen(tmp_path, "kept.append(b'x' * (8 << 20))")
    assert second.memory["main process"] - first.memory["main process"] > 7 << 20


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_a_sandbox_has_mounts_and_a_network_of_its_own():
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--dev-bind", "/", "/", "--proc", "/proc", "cat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sandbox:
        sandbox.stdin.write(b"x")
        sandbox.stdin.flush()
        sandbox.stdout.read(1)  # now it is built
        inside = processes([sandbox.pid])
        assert len({*namespaces([os.getpid(), *inside])}) == 2
        assert {mounts(pid) for pid in inside} != {mounts(os.getpid())}


def test_a_file_of_an_attack_is_counted_wherever_it_is(tmp_path):
    shared = Path("/dev/shm", f"{MARK}-{tmp_path.name}")
    shared.touch()
    try:
        assert str(shared) in left_files(tmp_path)
    finally:
        shared.unlink()
    assert str(shared) not in left_files(tmp_path)


def test_a_command_that_fails_is_an_error(tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        seen(tmp_path, "raise SystemExit(3)")
