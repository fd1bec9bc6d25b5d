"""The GPUs that a run may use, and the kind of machine that they make it: a part of the name of its results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from grader.work import Device

WITHOUT = "cpu"  # the kind of machine that has no GPU, or whose GPUs no part of an assignment needs
PRETENDED = "pretended"
AS_MANY = 8  # as a check may ask for
PLENTY = 1 << 40
HOST_MEMORY = 4 << 30  # bytes that CUDA itself takes of the machine's, beside what student code may have

# CPUs in the place of GPUs, under --pretend-gpu cpu: as many, and as large, as any check may ask for.
PRETENDED_DEVICES = tuple(Device("a pretended GPU", f"{PRETENDED}-{n}", PLENTY, "cpu") for n in range(AS_MANY))


def kind_of(devices: Iterable[Device]) -> str:
    """Return the kind of a machine with these GPUs: "cpu", "cuda NVIDIA H100", "cuda 2 x NVIDIA L4"."""
    if any(device.kind == "cpu" for device in devices):
        return PRETENDED
    counts = Counter(device.name for device in devices)
    names = [name if count == 1 else f"{count} x {name}" for name, count in sorted(counts.items())]
    return f"cuda {', '.join(names)}" if names else WITHOUT


def once(devices: Iterable[Device]) -> tuple[Device, ...]:
    """Return each GPU once, however many plugins name it."""
    return tuple({device.uuid: device for device in devices}.values())
