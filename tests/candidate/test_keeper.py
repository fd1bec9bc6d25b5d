"""What has been given up before student code runs."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from grader.candidate import keeper
from grader.errors import SandboxUnavailable
from grader.model import Limits
from grader.referee.entry import Entry
from grader.referee.memory import processes
from grader.wire.entry import ENTERED, Terms
from tests.referee.warm import answer

pytest_plugins = ["tests.referee.warm"]

SOURCE = """
import os, signal, sys

def status():
    with open("/proc/self/status") as file:
        return dict(line.rstrip("\\n").split(":\\t", 1) for line in file if ":\\t" in line)
def identity(): return [os.getuid(), os.geteuid(), os.getgid(), os.getgroups(), os.uname().nodename]
def descriptors(): return sorted(int(number) for number in os.listdir("/proc/self/fd"))
def environment(): return dict(os.environ)
def pids(): return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
def session(): return [os.getsid(0), os.getpgid(0), os.getppid()]
def tty():
    try: os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError as error: return error.errno
def signals(): return [str(signal.getsignal(n)) for n in (signal.SIGINT, signal.SIGCHLD)]
def output(): return [os.path.samestat(os.fstat(1), os.fstat(2)), os.isatty(1), os.read(0, 1)]
"""


@pytest.fixture(scope="module")
def inside():
    """What was seen from inside; filled by the first test that asks."""
    return {}


@pytest.fixture
def see(submit, inside):
    def seen(what: str):
        if what not in inside:
            student = submit(SOURCE)
            student.load()
            inside[what] = answer(student, what)
        return inside[what]

    return seen


def test_it_has_no_capability_and_cannot_get_one(see):
    status = see("status")
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0000000000000000"}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_it_is_nobody_of_this_machine(see):
    uid, euid, gid, groups, host = see("identity")
    assert (uid, euid, gid, host) == (1000, 1000, 1000, "sandbox")
    assert os.geteuid() != 0 or groups == []


def test_it_has_its_wire_and_three_standard_descriptors(see):
    assert [number for number in see("descriptors") if number < 4] == [0, 1, 2, 3]
    assert len(see("descriptors")) <= 6  # the loader's end, the call's, and the listing itself


def test_its_environment_has_nothing_of_this_one(see, monkeypatch):
    assert set(see("environment")) <= {
        "HOME", "TMPDIR", "PATH", "LANG", "OMP_NUM_THREADS", "TORCHINDUCTOR_CACHE_DIR", "GLOO_SOCKET_IFNAME",
        "PYTHONDONTWRITEBYTECODE", "MPLBACKEND", "LC_CTYPE", "OPENBLAS_NUM_THREADS",
        "CUDA_VISIBLE_DEVICES",  # empty
    }  # fmt: skip
    assert see("environment")["HOME"] == "/work"


def test_it_sees_its_own_processes_and_no_terminal(see):
    assert len(see("pids")) <= 3
    assert 1 in see("pids")
    assert see("tty") is not None
    assert see("session")[2] == 0  # its parent, the keeper, has no number in here


def test_it_prints_to_a_file_and_reads_nothing(see):
    assert see("output") == [True, False, b""]
    assert see("signals")[0] != "1"


def test_it_cannot_read_or_trace_the_keeper(submit):
    student = submit(SOURCE)
    student.load()
    pid = student.entry.about.keeper
    dumpable = Path(f"/proc/{pid}/environ")
    assert dumpable.stat().st_uid == 0  # the kernel gives a process that is not dumpable to root
    assert Path(f"/proc/{pid}/status").read_text().split("NoNewPrivs:\t")[1][0] == "1"


def test_everything_inside_ends_with_the_referees_end_of_the_control_socket(submit):
    student = submit(SOURCE, confined=False)
    student.load()
    inside = processes([student.entry.about.keeper])
    assert len(inside) == 2
    student.close()
    for _ in range(500):
        if not any(Path(f"/proc/{pid}/cmdline").exists() for pid in inside):
            return
        signal.sigtimedwait([], 0.01)
    pytest.fail("the keeper is still there")


class Nowhere:
    """A holder whose pidfd names a process whose namespaces cannot be entered: this one's."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.pidfd = os.open("/dev/null", os.O_RDONLY)

    def end(self) -> None:
        os.close(self.pidfd)


def test_what_the_keeper_cannot_do_comes_back_in_its_words(zygote):
    with pytest.raises(SandboxUnavailable, match=r"a sandbox could not be entered: OSError: .*setns"):
        Entry(zygote, Limits(), Nowhere())


def test_it_never_comes_before_the_referee(submit):
    student = submit("import os\ndef nice(): return os.getpriority(os.PRIO_PROCESS, 0)")
    student.load()
    assert answer(student, "nice") == os.getpriority(os.PRIO_PROCESS, 0) + keeper.NICE


def test_what_it_prints_to_counts_as_memory_with_its_other_folders(submit):
    student = submit(SOURCE)
    student.load()
    assert len(student.entry.folders) == 4  # many empty files in any of them are much memory


def a_process(*, of_ours: bool) -> int:
    """Start a process that sleeps: a child, or a grandchild whose parent is still there."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        sleeper = 0 if of_ours else os.fork()
        if sleeper == 0:
            os.write(writer, str(os.getpid()).encode())
        signal.sigtimedwait([], 60)
        os._exit(0)
    pid = int(os.read(reader, 32))
    os.close(reader)
    os.close(writer)
    return pid if pid != child else child


def test_it_kills_its_own_children_alone():
    """The number of a process that was reaped may be a stranger's by now."""
    own, strangers = a_process(of_ours=True), a_process(of_ours=False)
    parent = int(Path(f"/proc/{strangers}/stat").read_text().rpartition(")")[2].split()[1])
    try:
        keeper._kill(strangers)
        keeper._kill(own)
        assert os.waitpid(own, 0)[1] == signal.SIGKILL
        keeper._kill(own)  # reaped: nobody's
        assert Path(f"/proc/{strangers}/stat").read_text().rpartition(")")[2].split()[0] == "S"
    finally:
        os.kill(strangers, signal.SIGKILL)
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)


def test_a_child_that_has_ended_but_was_not_reaped_can_be_killed():
    pid = a_process(of_ours=True)
    os.kill(pid, signal.SIGTERM)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    keeper._kill(pid)
    assert os.waitpid(pid, 0) == (pid, signal.SIGTERM)


def test_terms_and_words_have_fixed_sizes():
    assert len(Terms._fields) == 9
    assert ENTERED.size == 24
