"""System calls that nobody needs are refused, and what torch needs works."""

from __future__ import annotations

import ctypes
import errno
import os

import pytest
import torch

from grader.candidate.seccomp import DENIED, build_filter
from grader.wire.linux import PR_SET_NO_NEW_PRIVS, load_filter, prctl

libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "ptrace": 101, "mount": 165, "unshare": 272, "setns": 308, "bpf": 321, "memfd_create": 319, "shmget": 29,
    "io_uring_setup": 425, "userfaultfd": 323, "keyctl": 250, "process_vm_readv": 310, "pidfd_getfd": 438,
    "perf_event_open": 298, "memfd_secret": 447, "quotactl_fd": 443,
    "vmsplice": 278, "io_setup": 206, "inotify_init": 253, "inotify_init1": 294, "inotify_add_watch": 254,
    "seccomp": 317, "mq_open": 240, "migrate_pages": 256, "move_pages": 279,
}  # fmt: skip

pytestmark = pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86_64")


@pytest.fixture(scope="module")
def program() -> bytes:
    return build_filter()


def under(program: bytes, do) -> int:
    """Return what `do` returns in a process of its own that has the filter; 255 if it was killed."""
    pid = os.fork()
    if pid == 0:
        code = 254
        try:
            prctl(PR_SET_NO_NEW_PRIVS, 1)
            load_filter(program)
            code = int(do())
        finally:
            os._exit(code)
    status = os.waitpid(pid, 0)[1]
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 255


def refusal(number: int, *args: int):
    def call() -> int:
        ctypes.set_errno(0)
        return ctypes.get_errno() if libc.syscall(number, *map(ctypes.c_long, args)) == -1 else 0

    return call


@pytest.mark.parametrize(("name", "number"), NUMBERS.items())
def test_a_system_call_that_nobody_needs_is_refused(program, name, number):
    assert name in DENIED
    assert under(program, refusal(number, 0, 0, 0, 0, 0)) == errno.EPERM


@pytest.mark.parametrize(
    ("number", "args", "error"),
    [
        pytest.param(56, (0x10000000 | 17, 0, 0, 0, 0), errno.EPERM, id="clone into a user namespace"),
        pytest.param(56, (0x20000 | 17, 0, 0, 0, 0), errno.EPERM, id="clone into a mount namespace"),
        pytest.param(435, (0, 0), errno.ENOSYS, id="clone3"),
        pytest.param(41, (17, 3, 0), errno.EPERM, id="a packet socket"),
        pytest.param(41, (40, 1, 0), errno.EPERM, id="a vsock"),
        pytest.param(41, (3, 1, 0), errno.EPERM, id="a socket of an amateur radio"),
        pytest.param(16, (0, 0x5412, 0), errno.EPERM, id="a character pushed into a terminal"),
        pytest.param(16, (0, 0xFFFF00005412, 0), errno.EPERM, id="the same with high bits"),
        pytest.param(41, (16, 3, 12), errno.EPERM, id="netlink to the packet filter"),
        pytest.param(41, (2, 1, 132), errno.EPERM, id="SCTP, a module to be loaded"),
        pytest.param(53, (30, 1, 0, 0), errno.EPERM, id="a pair of TIPC sockets, another"),
        pytest.param(72, (1, 6, 0), errno.EPERM, id="a lock on bytes of a file, which takes memory"),
        pytest.param(72, (1, 1024, 0), errno.EPERM, id="a lease on a file, which holds up others"),
        pytest.param(157, (4, 1, 0, 0, 0), errno.EPERM, id="dumpable again"),
        pytest.param(157, (0x100000004, 1, 0, 0, 0), errno.EPERM, id="dumpable with high bits"),
        pytest.param(157, (22, 2, 0, 0, 0), errno.EPERM, id="another filter"),
        pytest.param(449, (), errno.ENOSYS, id="a call that is newer than the filter"),
        pytest.param(467, (), errno.ENOSYS, id="open_tree_attr, one that mounts"),
        pytest.param(0x3FFFFFFF, (), errno.ENOSYS, id="a call that no kernel has"),
    ],
)
def test_some_arguments_are_refused(program, number, args, error):
    assert under(program, refusal(number, *args)) == error


@pytest.mark.parametrize(
    ("number", "args"),
    [
        pytest.param(41, (1, 1, 0), id="a unix socket"),
        pytest.param(41, (2, 1, 0), id="a socket of IPv4"),
        pytest.param(41, (10, 1, 0), id="a socket of IPv6"),
        pytest.param(41, (16, 3, 0), id="netlink, with which gloo looks for interfaces"),
        pytest.param(157, (4, 0, 0, 0, 0), id="not dumpable"),
        pytest.param(41, (2, 2, 17), id="UDP"),
        pytest.param(73, (1, 2), id="flock, with which ranks meet"),
        pytest.param(39, (), id="getpid"),
    ],
)
def test_what_is_needed_is_allowed(program, number, args):
    assert under(program, refusal(number, *args)) == 0


def test_a_call_of_the_x32_kind_ends_the_process(program):
    assert under(program, refusal(0x40000000 | 39)) == 255


def test_processes_threads_and_torch_still_work(program):
    def work() -> int:
        import socket
        import subprocess
        import threading

        for end in socket.socketpair():
            end.close()

        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        torch.set_num_threads(1)
        torch.nn.Linear(4, 4)(torch.ones(2, 4)).sum().backward()
        return subprocess.run(["/bin/true"], check=False).returncode

    assert under(program, work) == 0
