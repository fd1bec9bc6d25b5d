"""Runs inside a sandbox, as a student's module would, and tries its walls. Files are opened, and never written."""

from __future__ import annotations

import os
import socket
from pathlib import Path

NOWHERE = ("192.0.2.1", 9)  # an address that is kept for documentation


def could(trees: list[str]) -> list[str]:
    """Return what can be done here that should not be."""
    found = [f"write to {path}" for path in ("/", "/usr", "/etc", "/dev", *trees) if _opens(f"{path}/grader-doctor")]
    found += [f"write to {path}" for path in ("/etc/passwd", "/proc/sys/kernel/core_pattern") if _opens(path)]
    if [name for _, name in socket.if_nameindex()] != ["lo"] or _connects():
        found.append("reach the network")
    if len([path for path in Path("/proc").iterdir() if path.name.isdigit()]) > 3:
        found.append("see other processes")
    if _status("CapEff") != "0000000000000000" or _status("NoNewPrivs") != "1" or _status("Seccomp") != "2":
        found.append("use rights of its own")
    return found


def loops() -> None:
    """Never answer."""
    while True:
        pass


def allocates(size: int) -> list[str]:
    """Use this many bytes for a while."""
    kept = b"x" * size
    loops()
    return [str(len(kept))]


def _opens(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
    except OSError:
        return False
    return True


def _connects() -> bool:
    try:
        socket.create_connection(NOWHERE, timeout=0.2).close()
    except OSError as error:
        return isinstance(error, TimeoutError)  # it has left the machine
    return True


def _status(name: str) -> str:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{name}:"))
