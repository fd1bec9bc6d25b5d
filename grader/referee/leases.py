"""Leases of GPUs, so that no two checks of any graders on this machine use one at a time unless both allow it.

A lease is a lock that the kernel gives up with the process that holds it, however that ends. A GPU has several locks:
an exclusive lease takes all of them, a shared one as many as its share of the memory.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Container, Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from grader.errors import DeviceFault
from grader.referee.devices import Need, able
from grader.work import Device

SHARES = 4  # into which a GPU is divided for checks that may share it
SECONDS = 600.0  # to wait for a lease: then the submission is tried again, when all others are done
LOOK_EVERY = 0.1
ANYBODY = 0o666
PLACES = ("/run/lock", "/tmp")


def place() -> Path:
    """Return the folder of the locks: of those to which anybody can write the first, the same for all graders."""
    anybodys = (at for at in map(Path, PLACES) if at.is_dir() and at.stat().st_mode & 0o002)
    folder = next(anybodys) / "grader-gpus"
    with suppress(FileExistsError):
        folder.mkdir()
        folder.chmod(0o777)
    return folder


class Lease:
    """GPUs that are this process's own until it ends, or releases them."""

    def __init__(self, devices: tuple[Device, ...], locks: Sequence[FileLock], folder: Path) -> None:
        self.devices = devices
        self._locks = locks
        self._folder = folder

    def used_by(self, submission: str) -> bool:
        """Whether this submission, and no other, was the last to use these GPUs."""
        return all(self._last(device) == submission for device in self.devices)

    def sign(self, submission: str) -> None:
        """Write down who uses the GPUs now. It stands there also if this process is killed."""
        for device in self.devices:
            with open(_opened(self._folder / f"{device.uuid}.last"), "w") as file:
                file.truncate()
                file.write(submission)

    def _last(self, device: Device) -> str:
        with open(_opened(self._folder / f"{device.uuid}.last")) as file:
            return file.read()

    def release(self) -> None:
        """Give the GPUs back."""
        for lock in self._locks:
            lock.release()


class Leases:
    """The GPUs of this machine, of which a lease can be had."""

    def __init__(self, devices: Sequence[Device], folder: Path | None = None, seconds: float = SECONDS) -> None:
        self.devices = devices
        self.folder = folder or (place() if devices else Path())
        self.seconds = seconds

    def take(self, need: Need, *, without: Container[str] = ()) -> Lease:
        """Wait for as many GPUs as are needed, and take them. `without` are the uuids of those that do not work.

        Raises:
            DeviceFault: if there are too few, or they do not come free in time.
        """
        usable = [device for device in able(need, self.devices) if device.uuid not in without]
        if len(usable) < need.count:
            raise DeviceFault("a GPU of this machine does not work", step="nvidia-smi, and grader doctor")
        until = time.monotonic() + self.seconds
        try:
            while (lease := self._tried(need, usable)) is None:
                if time.monotonic() > until:
                    raise DeviceFault(f"no GPU came free in {self.seconds:g} s", step="grade with fewer --jobs")
                time.sleep(LOOK_EVERY * (0.5 + random.random()))
        except OSError as error:
            raise DeviceFault(f"GPUs cannot be leased: {error.strerror}", place=self.folder) from error
        return lease

    def _tried(self, need: Need, usable: Sequence[Device]) -> Lease | None:
        """Take what is free now; all of it or nothing."""
        taken: list[FileLock] = []
        devices: list[Device] = []
        for device in usable:
            if locks := self._locked(device, need):
                taken += locks
                devices.append(device)
            if len(devices) == need.count:
                return Lease(tuple(devices), taken, self.folder)
        for lock in taken:
            lock.release()
        return None

    def _locked(self, device: Device, need: Need) -> list[FileLock]:
        """Return the locks of one GPU that a check needs; none, if too few are free."""
        wanted = min(SHARES, max(1, -(-SHARES * need.memory // device.memory))) if need.shared else SHARES
        taken: list[FileLock] = []
        for share in range(SHARES):
            if SHARES - share < wanted - len(taken):
                break  # too few are left
            lock = FileLock(self.folder / f"{device.uuid}.{share}", mode=ANYBODY, thread_local=False)
            with suppress(Timeout):
                lock.acquire(timeout=0)
                taken.append(lock)
            if len(taken) == wanted:
                return taken
        for lock in taken:
            lock.release()
        return []


def _opened(path: Path) -> int:
    """Open a file that anybody on this machine may have made, and which is no link to another."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, ANYBODY)
    with suppress(PermissionError):
        os.fchmod(descriptor, ANYBODY)
    return descriptor
