"""A look at a run that rests: the memory of its three long-lived processes, and all that can be counted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from grader.redteam.dress import MARK
from grader.referee.memory import children

ROLES = {b"grader.referee.server": "warm referee", b"grader.candidate.zygote": "zygote"}
MAIN = "main process"
SHARED = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))
SANDBOX_USERS = 800_000_000  # and above: what root starts sandboxes as
HELD = ("RssAnon:", "VmSwap:")


class Look(Struct, frozen=True):
    """What was there when so many submissions were finished."""

    finished: int
    memory: Mapping[str, int]  # bytes of private memory, by process
    counts: Mapping[str, int]
    gradebook: int  # bytes


def look(finished: int, main: int, found: Iterable[int], temporary: Path, gradebook: Path) -> Look:
    """Look at a run: `main` is its process, `found` that and all its descendants, `temporary` its TMPDIR."""
    named = {MAIN: main, **{role: pid for pid in children(main) if (role := _role(pid))}}
    counts = {
        "processes": len(set(found)),
        **{f"descriptors of the {name}": descriptors(pid) for name, pid in named.items()},
        **{f"mounts of the {name}": mounts(pid) for name, pid in named.items()},
        "mounts of this machine": mounts(os.getpid()),
        "network namespaces": len({*namespaces(found)}),
        "temporary files": len(left_files(temporary)),
    }
    sizes = (file.stat().st_size for file in gradebook.parent.glob(f"{gradebook.name}*"))
    return Look(finished, {name: _held(pid) for name, pid in named.items()}, counts, sum(sizes))


def descriptors(pid: int) -> int:
    """Return how many descriptors a process has open."""
    return len([*Path(f"/proc/{pid}/fd").iterdir()])


def mounts(pid: int) -> int:
    """Return how many mounts a process sees."""
    return len(Path(f"/proc/{pid}/mountinfo").read_text().splitlines())


def namespaces(pids: Iterable[int]) -> Iterable[str]:
    """Yield the network namespace of each process."""
    for pid in pids:
        with suppress(OSError):
            yield str(Path(f"/proc/{pid}/ns/net").readlink())


def left_files(temporary: Path) -> list[str]:
    """Return what is in the run's TMPDIR, and of the shared folders what an attack or a sandbox made there."""
    ours = [str(path) for path in temporary.rglob("*")]
    return ours + [str(path) for place in SHARED for path in place.glob("*") if _of_student_code(path)]


def _of_student_code(path: Path) -> bool:
    with suppress(FileNotFoundError):  # this machine has other users
        return MARK in path.name or path.lstat().st_uid >= SANDBOX_USERS
    return False


def _role(pid: int) -> str:
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return next((role for module, role in ROLES.items() if module in words), "")
    return ""


def _held(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(HELD))
