"""The system calls that Python 3.11 has no name for."""

from __future__ import annotations

import ctypes
import os
import resource
import signal

libc = ctypes.CDLL(None, use_errno=True)

CLONE_PARENT = 0x8000
CLONE_NEWNS = 0x20000
CLONE_NEWUTS = 0x4000000
CLONE_NEWIPC = 0x8000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
ALL_NAMESPACES = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECCOMP_MODE_FILTER = 2

MADV_COLLAPSE = 25
HUGE_PAGE = 2 << 20

SYS_CLONE = {"x86_64": 56, "aarch64": 220}
LAST_CAPABILITY = 63


def check(result: int, what: str) -> int:
    """Return a C call's result.

    Raises:
        OSError: if it is negative.
    """
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(option: int, value: int = 0, what: str = "prctl") -> None:
    """Set one property of this process."""
    check(libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), what)


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that made it ends."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def allow_many_descriptors() -> None:
    """Raise this process's limit of open files as far as it may go.

    The kernel refuses to pass a descriptor while more of the same user's are under way than the sender may open:
    otherwise the sandbox of one submission could keep another's from being entered.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def setns(descriptor: int, kinds: int) -> None:
    """Enter the namespaces of the process that a pidfd names."""
    check(libc.setns(descriptor, kinds), "setns")


def drop_capabilities() -> None:
    """Leave no capability in any set, the bounding set and the ambient one among them."""
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # EINVAL past the kernel's last one
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)


def clear_capability_sets() -> None:
    """Empty the effective, permitted and inheritable sets."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    check(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def fork_sibling() -> int:
    """Fork a child whose parent is this process's own parent: the keeper learns its exit status and CPU time.

    Returns 0 in the child; elsewhere the child's pid in this pid namespace.
    """
    ctypes.pythonapi.PyOS_BeforeFork()
    pid = libc.syscall(SYS_CLONE[os.uname().machine], CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    return check(pid, "clone")


def collapse_memory() -> None:
    """Back this process's private memory with huge pages: forking it then copies far fewer page tables.

    A kernel that cannot (before 6.1, or with huge pages off) leaves things as they are.
    """
    with open("/proc/self/maps") as maps:
        lines = maps.readlines()
    for line in lines:
        span, flags, _, _, inode, *path = line.split()
        if flags != "rw-p" or inode != "0" or (path and path[0] != "[heap]"):
            continue
        low, high = (int(part, 16) for part in span.split("-"))
        for at in range(-(-low // HUGE_PAGE) * HUGE_PAGE, high - HUGE_PAGE + 1, HUGE_PAGE):
            libc.madvise(ctypes.c_void_p(at), ctypes.c_size_t(HUGE_PAGE), MADV_COLLAPSE)


class SockFilter(ctypes.Structure):
    """The kernel's sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))


def load_filter(program: bytes) -> None:
    """Put a seccomp filter, compiled to BPF, on this process and all that it will fork or execute."""
    buffer = ctypes.create_string_buffer(program, len(program))
    packed = SockFilter(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(packed), 0, 0), "seccomp")
