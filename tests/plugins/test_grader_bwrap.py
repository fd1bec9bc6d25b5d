"""The walls, looked at from inside and from outside."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import grader_bwrap
from grader.errors import SandboxUnavailable
from grader.manager import build_manager
from grader.model import MB, Limits
from grader.referee.entry import Entry
from grader.referee.memory import children
from grader.referee.orphans import adopting, end_adopted
from grader.referee.sandboxed import Sandboxed
from grader.wire.protocol import Load
from grader.work import Device
from tests.referee.warm import LIMITS, answer

pytest_plugins = ["tests.referee.warm"]

SOURCE = '''
import os, socket

def listed(path): return sorted(os.listdir(path))
def read(path):
    with open(path) as file: return file.read()
def errors(paths):
    """The error of opening each for writing; 0 where that worked."""
    found = []
    for path in paths:
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
            found.append(0)
        except OSError as error:
            found.append(error.errno)
    return found
def room(path):
    found = os.statvfs(path)
    return found.f_blocks * found.f_frsize
def interfaces(): return [name for _, name in socket.if_nameindex()]
def connects(host, port):
    try: socket.create_connection((host, port), timeout=2).close()
    except OSError as error: return error.errno
    return 0
def loopback():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        socket.create_connection(server.getsockname(), timeout=2).close()
    return True
def resolves(name): return socket.gethostbyname(name)
def namespaces():
    return {name: os.readlink(f"/proc/self/ns/{name}") for name in ("user", "mnt", "pid", "net", "ipc", "uts")}
'''


# ---- the hook --------------------------------------------------------------------------------------------------


@pytest.fixture
def plugins():
    return build_manager(defaults=["grader_bwrap"], installed=False)


def test_it_is_asked_for_by_name(plugins):
    sandbox = plugins.hook.grader_sandbox(name="bwrap")
    assert (sandbox.name, sandbox.confined) == ("bwrap", True)
    assert (sandbox.hold, sandbox.prepare) == ("grader_bwrap:hold", "grader_bwrap:prepare")
    assert sandbox.shows == ("/usr", *grader_bwrap.trees())
    assert plugins.hook.grader_sandbox(name="other") is None


def test_where_bubblewrap_is_missing_it_says_so_and_refuses(plugins, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxUnavailable) as refused:
        plugins.hook.grader_sandbox(name="bwrap")
    assert "bubblewrap is not installed" in refused.value.problem
    assert "apt install bubblewrap" in refused.value.step
    assert "--sandbox none" in refused.value.step


# ---- from inside -----------------------------------------------------------------------------------------------


@pytest.fixture
def student(submit):
    made = submit(SOURCE)
    made.load()
    return made


def test_there_is_nothing_but_the_interpreter_and_four_files(student):
    assert set(answer(student, "listed", "/")) <= {
        "bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "output", "proc", "sbin", "sh", "tmp", "usr",
        "wait", "work",
        *{Path(tree).parts[1] for tree in grader_bwrap.trees()},
    }  # fmt: skip
    assert answer(student, "listed", "/etc") == ["group", "hosts", "nsswitch.conf", "passwd"]
    assert "root" not in answer(student, "read", "/etc/passwd")
    assert set(answer(student, "listed", "/dev")) == {
        "fd", "full", "null", "random", "shm", "stderr", "stdin", "stdout", "urandom", "zero",
    }  # fmt: skip


def test_of_the_machines_gpus_those_that_are_leased_can_be_used(zygote):
    reads = ("/sys/devices/system/cpu", "/sys/devices/no-such-gpu")
    gpu = Device("NVIDIA L4", "GPU-a", 24 << 30, files=("/dev/tty", "/dev/null"), reads=reads)  # any files will do
    load = Load({"tiny.py": SOURCE.encode()}, "tiny.py", "tiny", b"")
    student = Sandboxed(
        lambda: Entry(zygote, LIMITS, grader_bwrap.hold(LIMITS, (gpu, gpu)), devices=True), load, LIMITS
    )
    try:
        student.load()
        inside = answer(student, "listed", "/dev")
        assert "tty" in inside
        assert not {name for name in inside if name.startswith(("tty1", "nvidia", "kvm"))}
        assert "online" in answer(student, "listed", "/sys/devices/system/cpu")
        assert 0 not in answer(student, "errors", ["/dev/x", "/sys/devices/system/cpu/online"])
    finally:
        student.close()


def test_without_a_lease_there_is_no_gpu(student):
    assert answer(student, "errors", ["/dev/nvidia0", "/dev/nvidiactl", "/dev/tty"]) == [errno.EROFS] * 3
    assert "sys" not in answer(student, "listed", "/")


def test_of_a_home_only_the_interpreters_own_tree_can_be_seen(student):
    for tree in grader_bwrap.trees():
        beside = answer(student, "listed", str(Path(tree).parent))
        others = [other for other in grader_bwrap.trees() if Path(other).parent == Path(tree).parent]
        inside = [part for part in beside if not any(Path(o).is_relative_to(Path(tree).parent / part) for o in others)]
        assert [name for name in inside if not name.startswith("submission")] == []


def test_nothing_can_be_written_but_private_file_systems(student):
    refused = ["/x", "/usr/x", "/etc/x", "/etc/passwd", "/dev/x", sys.prefix + "/x", os.path.realpath(sys.executable)]
    assert 0 not in answer(student, "errors", refused)
    assert answer(student, "errors", ["/tmp/x", "/work/x", "/dev/shm/x"]) == [0, 0, 0]


@pytest.mark.parametrize("path", ["/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger"])
def test_the_kernels_own_files_cannot_be_opened_for_writing(student, path):
    assert answer(student, "errors", [path]) != [0]


def test_nothing_of_a_process_can_be_changed_through_proc(student):
    paths = ["/proc/self/oom_score_adj", "/proc/self/comm", "/proc/self/mem", "/proc/1/oom_score_adj"]
    assert set(answer(student, "errors", paths)) <= {errno.EROFS, errno.EACCES}


def test_keys_of_the_same_user_on_this_machine_are_not_told(student):
    for path in grader_bwrap.HIDDEN:
        with pytest.raises(AssertionError, match=r"PermissionError|FileNotFoundError"):
            answer(student, "read", path)


def test_the_programs_of_pid_1_cannot_be_read(student):
    for path in ("/sh", "/wait"):
        with pytest.raises(AssertionError, match="PermissionError"):
            answer(student, "read", path)


def test_each_file_system_has_the_size_that_the_limits_say(student):
    for path in ("/tmp", "/work", "/dev/shm"):
        assert answer(student, "room", path) == LIMITS.disk
    assert answer(student, "room", "/output") == LIMITS.output


def test_there_is_no_network_but_its_own_loopback(student):
    assert answer(student, "interfaces") == ["lo"]
    assert answer(student, "connects", "192.0.2.1", 80) != 0
    assert answer(student, "loopback")
    assert answer(student, "resolves", "sandbox") == "127.0.0.1"


def test_it_shares_no_namespace_with_this_machine(student):
    mine = {name: str(Path(f"/proc/self/ns/{name}").readlink()) for name in ("user", "mnt", "pid", "net", "ipc", "uts")}
    inside = answer(student, "namespaces")
    assert [name for name in mine if inside[name] == mine[name]] == []


# ---- from outside ----------------------------------------------------------------------------------------------


@pytest.fixture
def holder() -> Iterator[grader_bwrap.Holder]:
    made = grader_bwrap.hold(Limits())
    yield made
    if made.process.returncode is None:
        made.end()


def test_its_user_is_nobody_of_this_machine(holder):
    inside, outside, count = Path(f"/proc/{holder.pid}/uid_map").read_text().split()
    assert (inside, count) == ("1000", "1")
    assert outside == str(grader_bwrap.UNPRIVILEGED + os.getpid() if os.geteuid() == 0 else os.geteuid())
    assert outside != "0"


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's sandboxes are all of that user")
def test_sandboxes_side_by_side_have_a_user_each(holder):
    """Each is held by a referee of its own: what the kernel counts for a user, no neighbour then shares."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        other = grader_bwrap.hold(Limits())
        os.write(writer, Path(f"/proc/{other.pid}/uid_map").read_bytes())
        other.end()
        os._exit(0)
    os.close(writer)
    theirs = os.read(reader, 64).split()[1]
    os.close(reader)
    os.wait()
    assert Path(f"/proc/{holder.pid}/uid_map").read_bytes().split()[1] != theirs


def test_pid_1_is_not_dumpable_from_the_moment_that_it_is_ready():
    for _ in range(10):
        holder = grader_bwrap.hold(Limits())
        owner = Path(f"/proc/{holder.pid}/environ").stat().st_uid  # the kernel gives what is not dumpable to root
        holder.end()
        assert owner == 0


only_root_can_look = pytest.mark.skipif(os.geteuid() != 0, reason="pid 1 is not dumpable, so only root can look")


@only_root_can_look
def test_when_it_is_ready_its_root_is_no_longer_this_machines(holder):
    assert b"/wait" in Path(f"/proc/{holder.pid}/cmdline").read_bytes()
    assert not Path(f"/proc/{holder.pid}/root/home").exists()
    assert not Path(f"/proc/{holder.pid}/root/root/.ssh").exists()


@only_root_can_look
def test_it_holds_no_descriptor_of_ours(holder):
    targets = {str(path.readlink()) for path in Path(f"/proc/{holder.pid}/fd").iterdir()}
    assert {target for target in targets if "pipe" not in target} <= {"/dev/null"}


def killed_while_it_builds(milliseconds: int) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            grader_bwrap.hold(Limits())
            time.sleep(60)
        finally:
            os._exit(0)
    time.sleep(milliseconds / 1000)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_it_ends_with_the_process_that_started_it_whenever_that_is_killed():
    grader_bwrap.prepare()
    with adopting():  # what they leave behind becomes ours, and is seen
        ours = set(children(os.getpid()))
        for milliseconds in range(30):
            killed_while_it_builds(milliseconds)
        until = time.monotonic() + 20
        while (left := set(children(os.getpid())) - ours) and time.monotonic() < until:
            for pid in left:
                os.waitpid(pid, os.WNOHANG)
            time.sleep(0.05)
        end_adopted(ours)
    assert not left


def test_it_ends_at_once(holder):
    holder.end()
    assert holder.process.returncode is not None
    assert not Path(f"/proc/{holder.pid}/cmdline").exists()


def test_it_can_be_started_where_many_descriptors_are_open():
    many = [os.open(os.devnull, os.O_RDONLY) for _ in range(30)]  # sh has no numbers for those above 9
    try:
        grader_bwrap.hold(Limits()).end()
    finally:
        for descriptor in many:
            os.close(descriptor)


def test_each_holder_has_the_limits_that_it_is_given():
    assert grader_bwrap.command(Limits(disk=7 * MB)) != grader_bwrap.command(Limits())
    assert str(7 * MB) in grader_bwrap.command(Limits(disk=7 * MB))


# ---- where it cannot -------------------------------------------------------------------------------------------


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Put a script in bubblewrap's place."""
    folder = Path(tempfile.mkdtemp())  # where the unprivileged user can reach it, as under tmp_path it cannot
    folder.chmod(0o755)

    def play(script: str) -> None:
        program = folder / "bwrap"
        program.write_text(f"#!/bin/bash\n{script}\n")
        program.chmod(stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)

    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    grader_bwrap.command.cache_clear()
    yield play
    grader_bwrap.command.cache_clear()
    shutil.rmtree(folder)


def test_what_bubblewrap_says_is_passed_on(played):
    played("echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1")
    with pytest.raises(SandboxUnavailable) as refused:
        grader_bwrap.hold(Limits())
    assert refused.value.problem == (
        "bubblewrap cannot confine on this machine: bwrap: setting up uid map: Permission denied"
    )
    assert refused.value.step == "grader doctor"


def test_one_that_says_nothing_is_not_waited_for_for_ever(played, monkeypatch):
    monkeypatch.setattr(grader_bwrap, "READY_SECONDS", 0.1)
    played("exec sleep 600")
    with pytest.raises(SandboxUnavailable, match="it did not get ready"):
        grader_bwrap.hold(Limits())


def test_a_pid_alone_is_not_readiness(played, monkeypatch):
    monkeypatch.setattr(grader_bwrap, "READY_SECONDS", 0.3)
    played("""while [ "$1" != --info-fd ]; do shift; done; echo '{"child-pid": 1}' >&"$2"; exec sleep 600""")
    with pytest.raises(SandboxUnavailable, match="it did not get ready"):
        grader_bwrap.hold(Limits())


def test_a_program_that_is_gone_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    grader_bwrap.command.cache_clear()
    with pytest.raises(SandboxUnavailable, match="is not installed"):
        grader_bwrap.hold(Limits())
