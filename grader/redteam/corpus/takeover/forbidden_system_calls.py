"""Tries system calls that nobody needs."""
# ends: passed

import ctypes
import errno
import os

libc = ctypes.CDLL(None, use_errno=True)


def refused(what, result):
    if result != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS, errno.ENOSPC, errno.EACCES):
        print("LEAK", what, result, ctypes.get_errno())


refused("unshare", libc.unshare(0x10000000))
refused("ptrace", libc.ptrace(16, os.getppid(), 0, 0))
refused("mount", libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
refused("memfd_create", libc.memfd_create(b"x", 0))
refused("shmget", libc.shmget(0, 4096, 0o1600))
refused("bpf", libc.syscall(321, 0, 0, 0))
refused("perf_event_open", libc.syscall(298, 0, 0, 0, 0, 0))
refused("io_uring_setup", libc.syscall(425, 1, 0))
refused("keyctl", libc.syscall(250, 0, 0, 0, 0, 0))
refused("dumpable", libc.prctl(4, 1, 0, 0, 0))
refused("setns", libc.setns(0, 0))
refused("clone3", libc.syscall(435, 0, 0))
refused("raw socket family", libc.socket(17, 3, 0))
try:
    os.chmod("/proc/self/exe", 0o755)
    if not os.readlink("/proc/self/exe").startswith("/memfd:"):  # a copy in memory is nobody's file
        print("LEAK chmod of the interpreter")
except OSError:
    pass
import resource

try:
    resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print("LEAK limits can be raised")
except (ValueError, OSError):
    pass


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
