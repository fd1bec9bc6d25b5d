"""The system calls that student code has no use for, as a filter built once and loaded by each keeper.

Refused with EPERM unless said otherwise. What must stay: AF_NETLINK sockets (gloo looks for interfaces with them),
threads, fork, and everything that DataLoader workers and torchrun use.
"""

from __future__ import annotations

import errno
import os
import tempfile
from importlib import import_module
from typing import Any

AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
NEW_NAMESPACE_FLAGS = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
PR_SET_DUMPABLE = 4

UNKNOWN = -1
NUMBERS = {"mount_setattr": 442, "memfd_secret": 447, "quotactl_fd": 443}

DENIED = (
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount",
    "fspick", "mount_setattr",
    "unshare", "setns",
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "add_key", "request_key", "keyctl",
    "memfd_create", "memfd_secret", "shmget", "shmat", "shmctl", "msgget", "semget",
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
    for first, last in ((0, AF_UNIX - 1), (AF_INET + 1, AF_INET6 - 1), (AF_INET6 + 1, AF_NETLINK - 1)):
        for family in range(first, last + 1):
            _add(rules, seccomp, refuse, "socket", seccomp.Arg(0, seccomp.EQ, family))
    _add(rules, seccomp, refuse, "socket", seccomp.Arg(0, seccomp.GT, AF_NETLINK))
    for request in (TIOCSTI, TIOCLINUX):
        _add(rules, seccomp, refuse, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    dumpable = (seccomp.Arg(0, seccomp.EQ, PR_SET_DUMPABLE), seccomp.Arg(1, seccomp.NE, 0))
    _add(rules, seccomp, refuse, "prctl", *dumpable)
    return _exported(rules)


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
