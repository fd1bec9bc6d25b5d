"""The rlimits that the processes of a sandbox get."""

from __future__ import annotations

import resource
from typing import NamedTuple

from grader.wire.entry import Terms

MB = 1 << 20
LEAST_DATA = 400 * MB  # with less, torch's own threads and DataLoader workers fail
LEAST_ADDRESSES = 1000 * MB
SIGNALS = 256  # queued ones and timers, which the kernel counts for a user on the whole machine


class Footprint(NamedTuple):
    """What a process uses before student code runs in it, in bytes."""

    addresses: int
    data: int
    anonymous: int


def footprint() -> Footprint:
    """Return this process's own."""
    sizes = {}
    with open("/proc/self/status") as status:
        for line in status:
            name, _, rest = line.partition(":")
            if name in ("VmSize", "VmData", "RssAnon"):
                sizes[name] = int(rest.split()[0]) * 1024
    return Footprint(sizes["VmSize"], sizes["VmData"], sizes["RssAnon"])


def impose(limits: Terms, before: Footprint) -> None:
    """Set the hard limits of this process and all that it will fork. They cannot be raised again."""
    wanted = {
        resource.RLIMIT_DATA: before.data + max(limits.memory, LEAST_DATA),
        resource.RLIMIT_AS: before.addresses + max(limits.memory, LEAST_ADDRESSES),
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_CORE: 1,  # byte. With 0 the kernel still starts a program of the machine's that takes cores
        resource.RLIMIT_SIGPENDING: SIGNALS,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_RTPRIO: 0,
        resource.RLIMIT_NICE: 0,
    }
    if limits.devices:
        del wanted[resource.RLIMIT_AS]
    if not limits.confine:
        del wanted[resource.RLIMIT_NPROC]  # outside a user namespace it counts the user's other processes
    for what, value in wanted.items():
        _, hard = resource.getrlimit(what)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (most, most))
