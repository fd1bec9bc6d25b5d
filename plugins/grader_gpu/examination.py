"""Examines the GPUs for `grader doctor`: what the driver has, what torch sees, and what a sandbox would."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import grader_bwrap
import grader_local
from grader.errors import GraderError
from grader.hardware import HOST_MEMORY
from grader.model import Limits
from grader.referee.entry import Entry
from grader.referee.health import Health
from grader.referee.health import examine as health_of
from grader.work import Device, Finding
from grader_gpu.driver import STEP, allotted, ask_driver
from grader_gpu.usable import ask_torch

NONE = "none: checks that need one stay pending, and cost nobody a point"
WITH_CUDA = "install torch for CUDA: pip install torch, from the index that pytorch.org names"
FILES = "look at the modes of /dev/nvidia*: they must be open to every user (0666)"
PATIENCE = Limits(load_seconds=120, call_seconds=120, memory=Limits().memory + HOST_MEMORY)


def examine() -> Iterator[Finding]:
    """Yield what was found; what comes after something missing is not tried."""
    try:
        driver = ask_driver()
    except GraderError as error:
        yield Finding("GPU", "broken", error.problem, STEP)
        return
    if driver is None:
        yield Finding("GPU", "ok", NONE)
        return
    for name in driver.divided:
        yield Finding("GPU", "ok", f"{name} is divided by MIG, and not used")
    devices = allotted(driver.devices, os.environ.get("CUDA_VISIBLE_DEVICES"))
    if not devices:
        yield Finding("GPU", "ok", f"{NONE} (the driver, {driver.version}, has none for us)")
        return
    yield Finding("GPU", "ok", f"{', '.join(map(_said, devices))}; driver {driver.version}")
    yield from _used(devices)


def _said(device: Device) -> str:
    return f"{device.name}, {device.memory / 2**30:.0f} GB"


def _used(devices: Sequence[Device]) -> Iterator[Finding]:
    answer = ask_torch(devices)
    if len(answer.worked) < len(devices):
        said = answer.problem or (
            f"{len(answer.worked)} of {len(devices)} work" if answer.built else "it is built for the CPU"
        )
        yield Finding("GPU in torch", "missing", said, STEP if answer.built else WITH_CUDA)
        return
    yield Finding("GPU in torch", "ok", f"each was used; torch is built for CUDA {answer.built}")
    health = inside(devices)
    if health.problem:
        yield Finding("GPU in a sandbox", "broken", health.problem, FILES)
    else:
        yield Finding("GPU in a sandbox", "ok", "each was used")


def inside(devices: Sequence[Device]) -> Health:
    """Use the GPUs from inside a sandbox, as student code would."""
    with ExitStack() as stack:
        try:
            grader_bwrap.prepare()
            orders = grader_local.start_zygote(stack)
            grader_local.wait_until_warm(orders)
        except GraderError as error:
            return Health(error.problem)

        def enter(limits: Limits, gpus: Sequence[Device]) -> Entry:
            return Entry(orders, limits, grader_bwrap.hold(limits, tuple(gpus)), devices=True)

        return health_of(enter, devices, PATIENCE)
