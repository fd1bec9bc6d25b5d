"""Confines student code with bubblewrap: an empty sandbox around a holder, which a warm process enters.

The holder is pid 1 of its own user, mount, pid, net, ipc and uts namespaces; everything inside dies with it. Inside:
a read-only view of the interpreter's trees, private tmpfs of limited size, its own /proc, a minimal /dev, four
generated files in /etc, loopback only. Where the grader is root, bubblewrap runs as an unprivileged user.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from grader.errors import SandboxUnavailable
from grader.hookspecs import hookimpl
from grader.model import Limits
from grader.work import Device, Sandbox

NAME = "bwrap"
UNPRIVILEGED = 800_000_000  # and a process's number: what root becomes before it starts bubblewrap
READY_SECONDS = 10.0
END_SECONDS = 5.0
CLONE_NEWNS = 0x20000
MS_BIND, MS_REC, MS_SLAVE = 0x1000, 0x4000, 0x80000
USR_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
INSTALL = "apt install bubblewrap"
DEVICES = ("null", "zero", "full", "random", "urandom")  # no terminals: those of the whole machine are 4096
DESCRIPTORS = ("fd", "stdin", "stdout", "stderr")
HIDDEN = ("/proc/keys", "/proc/key-users")  # of the same user on this machine
STAGES = ("/mnt", "/media", "/srv", "/opt")
ETC = {
    "hosts": "127.0.0.1 localhost sandbox\n::1 localhost sandbox\n",
    "nsswitch.conf": "hosts: files\n",
    "passwd": "student:x:1000:1000::/work:/bin/sh\n",
    "group": "student:x:1000:\n",
}


@hookimpl
def grader_sandbox(name: str) -> Sandbox | None:
    """Provide the sandbox called bwrap."""
    if name != NAME:
        return None
    if shutil.which("bwrap") is None:
        raise SandboxUnavailable(
            "bubblewrap is not installed, so student code cannot be confined and nothing was run",
            step=f"{INSTALL}; for your own code only: --sandbox none",
        )
    return Sandbox(
        NAME, confined=True, hold=f"{__name__}:hold", prepare=f"{__name__}:prepare", shows=("/usr", *trees())
    )


class Holder:
    """A started sandbox: pid 1 of its namespaces, as the host names it."""

    def __init__(self, process: subprocess.Popen[bytes], pid: int, lifeline: int) -> None:
        self.process = process
        self.lifeline = lifeline  # the only end of the pipe that pid 1 reads from: both end with this process
        self.pid = pid
        self.pidfd = os.pidfd_open(pid)

    def end(self) -> None:
        """Kill pid 1, which takes every process of the sandbox with it, and wait for that.

        Pid 1 is not gone before all are reaped, also those whose parents are outside: where nobody reaps them, no
        longer than END_SECONDS.
        """
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        os.close(self.pidfd)
        os.close(self.lifeline)
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


# ---- once a process --------------------------------------------------------------------------------------------


@cache
def trees() -> tuple[str, ...]:
    """Return the interpreter's own trees outside /usr: all that student code can see of this machine."""
    found = {os.path.realpath(p) for p in (sys.prefix, sys.base_prefix)} | {sys.prefix, sys.base_prefix}
    return tuple(sorted(p for p in found if not p.startswith("/usr/") and p != "/usr"))


@cache
def stage() -> str:
    """Return a folder under which the unprivileged user can reach the trees, even those under a 0700 home.

    The bind mounts are in a mount namespace of this process's own: nobody else sees them, and they end with it.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def call(result: int, what: str) -> None:
        if result != 0:
            raise SandboxUnavailable(f"{what}: {os.strerror(ctypes.get_errno())}", step="grader doctor")

    free = (at for at in STAGES if Path(at).is_dir() and not any(tree.startswith(f"{at}/") for tree in trees()))
    folder = next(free, None)
    if folder is None:
        raise SandboxUnavailable(f"none of {', '.join(STAGES)} is free to stage the interpreter in", step="make /mnt")
    call(libc.unshare(CLONE_NEWNS), "a mount namespace of our own")
    call(libc.mount(None, b"/", None, MS_SLAVE | MS_REC, None), "making mounts private")
    call(libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, b"mode=755"), "a tmpfs for staging")
    for tree in trees():
        Path(folder + tree).mkdir(parents=True, exist_ok=True)
        call(libc.mount(tree.encode(), (folder + tree).encode(), None, MS_BIND | MS_REC, None), f"staging {tree}")
    return folder


def prepare() -> None:
    """Do once, in the process whose forks will start holders, what every holder needs."""
    command(Limits())


# ---- once a submission -----------------------------------------------------------------------------------------


@cache
def command(limits: Limits, gpus: tuple[Device, ...] = ()) -> tuple[str, ...]:
    """Return bubblewrap's command line up to its descriptors. The order of the options is the order of the mounts."""
    root = os.geteuid() == 0
    at = stage() if root else ""
    disk, output = str(limits.disk), str(limits.output)
    links = [x for n in USR_LINKS if Path("/", n).is_symlink() for x in ("--symlink", os.readlink(f"/{n}"), f"/{n}")]
    plain = [
        x
        for n in USR_LINKS
        if Path("/", n).is_dir() and not Path("/", n).is_symlink()
        for x in ("--ro-bind", f"/{n}", f"/{n}")
    ]
    binds = [x for tree in trees() for x in ("--ro-bind", at + tree, tree)]
    tmpfs = [x for where in ("/tmp", "/work") for x in ("--size", disk, "--tmpfs", where)]
    devices = [x for name in DEVICES for x in ("--dev-bind", f"/dev/{name}", f"/dev/{name}")]
    for number, name in enumerate(DESCRIPTORS, -1):
        devices += ["--symlink", "/proc/self/fd" if number < 0 else f"/proc/self/fd/{number}", f"/dev/{name}"]
    of_gpus = dict.fromkeys(path for gpu in gpus for path in gpu.files)
    devices += [x for path in of_gpus for x in ("--dev-bind", path, path)]
    reads = [x for path in dict.fromkeys(p for gpu in gpus for p in gpu.reads) for x in ("--ro-bind-try", path, path)]
    hidden = [x for path in HIDDEN if Path(path).exists() for x in ("--ro-bind", "/dev/null", path)]
    return (
        _program("bwrap"), "--unshare-all", "--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000",
        "--hostname", "sandbox", "--new-session", "--clearenv", "--as-pid-1",
        "--ro-bind", "/usr", "/usr", *links, *plain, "--proc", "/proc", *hidden, "--remount-ro", "/proc",
        "--tmpfs", "/dev", *devices, "--size", disk, "--tmpfs", "/dev/shm", "--remount-ro", "/dev",
        *tmpfs, "--size", output, "--tmpfs", "/output", *binds, *reads,
    )  # fmt: skip


def _user() -> tuple[str, ...]:
    """Return how root starts bubblewrap: as a user of this sandbox's own, above those of logins.

    What the kernel counts for a user, such as descriptors under way and pages in pipes, no neighbour then shares.
    """
    if os.geteuid() != 0:
        return ()
    user = UNPRIVILEGED + os.getpid()
    return (_program("setpriv"), f"--reuid={user}", f"--regid={user}", "--clear-groups", "--")


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise SandboxUnavailable(f"{name} is not installed", step="grader doctor")
    return path


def hold(limits: Limits, gpus: tuple[Device, ...] = ()) -> Holder:
    """Start a sandbox, with these GPUs. It is ready when its own pid 1 has said so.

    Raises:
        SandboxUnavailable: with bubblewrap's own words, if it cannot build the walls here.
    """
    info = os.memfd_create("info")  # a pipe without a reader would kill bubblewrap while it builds
    ready, ready_end = os.pipe()
    lifeline_end, lifeline = os.pipe()
    # an ignored SIGCHLD survives exec, so that pid 1 reaps orphans; the byte alone proves that namespaces are final
    # /wait is cat: it reads until this process has ended, however it does. Bubblewrap's own --die-with-parent leaves a
    # sandbox behind for ever where the kill comes while it is being built
    script = "trap '' CHLD; echo; exec >/dev/null; exec /wait"  # sh has no numbers for descriptors above 9
    etc = {f"/etc/{name}": _piped(text) for name, text in ETC.items()}
    files = [x for name, descriptor in etc.items() for x in ("--ro-bind-data", str(descriptor), name)]
    # what may not be read is not dumpable: else student code writes to the memory of pid 1, which nothing limits
    programs = {path: os.open(_program(name), os.O_RDONLY) for path, name in (("/sh", "sh"), ("/wait", "cat"))}
    files += [x for path, descriptor in programs.items() for x in ("--perms", "0111", "--file", str(descriptor), path)]
    given = (*programs.values(), *etc.values())
    walls = [*_user(), *command(limits, gpus), *files, "--remount-ro", "/", "--info-fd", str(info)]
    process = subprocess.Popen(
        [*walls, "--", "/sh", "-c", script],
        stdin=lifeline_end, stdout=ready_end, stderr=subprocess.PIPE, env={"PATH": "/usr/bin:/bin"},
        pass_fds=(info, *given), cwd="/",
    )  # fmt: skip
    for descriptor in (ready_end, lifeline_end, *given):
        os.close(descriptor)
    try:
        if not _byte(ready):
            os.close(lifeline)
            raise _failure(process)
        return Holder(process, json.loads(os.pread(info, 4096, 0))["child-pid"], lifeline)
    finally:
        os.close(info)
        os.close(ready)
        if process.stderr is not None:
            process.stderr.close()


def _piped(text: str) -> int:
    """Return a descriptor from which the text can be read."""
    reader, writer = os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    return reader


def _byte(ready: int) -> bool:
    return _readable(ready) and os.read(ready, 1) != b""


def _readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(READY_SECONDS * 1000))


def _failure(process: subprocess.Popen[bytes]) -> SandboxUnavailable:
    process.kill()
    assert process.stderr is not None
    words = process.stderr.read().decode(errors="replace").strip() or "it did not get ready"
    process.wait()
    return SandboxUnavailable(f"bubblewrap cannot confine on this machine: {words}", step="grader doctor")
