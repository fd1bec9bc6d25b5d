"""The system calls that student code has no use for, as a filter built once and loaded by each keeper.

Refused with EPERM unless said otherwise. What must stay: AF_NETLINK sockets (gloo looks for interfaces with them),
threads, fork, flock, and everything that DataLoader workers and torchrun use. Beside the kernel's own privileges this
refuses what is held in memory that counts for no process, and what the kernel counts for a user on the whole machine.
"""

from __future__ import annotations

import errno
import os
import struct
import tempfile
from importlib import import_module
from typing import Any

AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
NEW_NAMESPACE_FLAGS = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
IPPROTO_UDP = 17  # the last protocol of any use: higher ones have the kernel load modules
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW, F_SETLEASE, F_NOTIFY = 6, 7, 37, 38, 1024, 1026
PR_SET_DUMPABLE, PR_SET_SECCOMP = 4, 22
INT = 0xFFFFFFFF  # the kernel reads no more of an argument that is an int
FIRST_UNKNOWN = 449  # one above the newest system call that was looked at
X32 = 0x40000000

UNKNOWN = -1
NUMBERS = {"mount_setattr": 442, "memfd_secret": 447, "quotactl_fd": 443}

DENIED = (
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount",
    "fspick", "mount_setattr",
    "unshare", "setns",
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "add_key", "request_key", "keyctl",
    "memfd_create", "memfd_secret", "shmget", "shmat", "shmctl", "msgget", "semget", "mq_open", "mq_unlink",
    "vmsplice", "io_setup", "inotify_init", "inotify_init1", "inotify_add_watch", "seccomp",
    "migrate_pages", "move_pages",
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon", "swapoff",
    "acct", "quotactl", "quotactl_fd",
    "syslog", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname",
    "open_by_handle_at", "name_to_handle_at", "lookup_dcookie", "nfsservctl", "fanotify_init",
    "personality", "iopl", "ioperm", "modify_ldt", "vhangup",
)  # fmt: skip


def build_filter() -> bytes:
    """Return the filter as a BPF program."""
    seccomp: Any = import_module("pyseccomp")  # its import takes 5 ms and is needed in the zygote only
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    refuse = seccomp.ERRNO(errno.EPERM)
    for name in DENIED:
        _add(rules, seccomp, refuse, name)
    _add(
        rules, seccomp, seccomp.ERRNO(errno.ENOSYS), "clone3"
    )  # its flags are behind a pointer; glibc falls back to clone
    for flag in NEW_NAMESPACE_FLAGS:
        _add(rules, seccomp, refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    _refuse_sockets(rules, seccomp, refuse)
    for request in (TIOCSTI, TIOCLINUX):
        _add(rules, seccomp, refuse, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, INT, request))
    for command in (F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW, F_SETLEASE, F_NOTIFY):
        _add(rules, seccomp, refuse, "fcntl", seccomp.Arg(1, seccomp.MASKED_EQ, INT, command))
    for option in (PR_SET_DUMPABLE, PR_SET_SECCOMP):
        chosen = (seccomp.Arg(0, seccomp.MASKED_EQ, INT, option), seccomp.Arg(1, seccomp.NE, 0))
        _add(rules, seccomp, refuse, "prctl", *chosen)
    return _without_unknown(_exported(rules))


def _refuse_sockets(rules: Any, seccomp: Any, refuse: int) -> None:
    """Leave unix, inet and netlink sockets; of inet TCP and UDP, of netlink the addresses and routes."""
    for first, last in ((0, AF_UNIX - 1), (AF_INET + 1, AF_INET6 - 1), (AF_INET6 + 1, AF_NETLINK - 1)):
        for family in range(first, last + 1):
            _add(rules, seccomp, refuse, "socket", seccomp.Arg(0, seccomp.EQ, family))
    _add(rules, seccomp, refuse, "socket", seccomp.Arg(0, seccomp.GT, AF_NETLINK))
    _add(rules, seccomp, refuse, "socket", seccomp.Arg(2, seccomp.GT, IPPROTO_UDP))
    _add(rules, seccomp, refuse, "socket", seccomp.Arg(0, seccomp.EQ, AF_NETLINK), seccomp.Arg(2, seccomp.NE, 0))
    _add(rules, seccomp, refuse, "socketpair", seccomp.Arg(0, seccomp.GT, AF_UNIX))


def _without_unknown(program: bytes) -> bytes:
    """Have system calls newer than those above answer ENOSYS, as an older kernel would."""
    load, at_least, answer = 0x20, 0x35, 0x06  # BPF: the number; jump if >=; return
    steps = (
        (load, 0, 0, 0),
        (at_least, 0, 2, FIRST_UNKNOWN),
        (at_least, 1, 0, X32),  # refused by the rules
        (answer, 0, 0, 0x50000 | errno.ENOSYS),
    )
    return b"".join(struct.pack("<HBBI", *step) for step in steps) + program


def _add(rules: Any, seccomp: Any, action: int, name: str, *arguments: Any) -> None:
    number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
    if number == UNKNOWN:  # to this libseccomp; numbers above 424 are the same on all architectures
        number = NUMBERS[name]
    if number >= 0:  # else this architecture never had it
        rules.add_rule(action, number, *arguments)


def _exported(rules: Any) -> bytes:
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        return file.read()
