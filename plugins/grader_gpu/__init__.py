"""Says which GPUs this machine has: those of NVIDIA of which the driver tells, that were allotted to us, and that
torch can use. Where there is no driver nothing is started, and the answer takes no time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from grader.hookspecs import hookimpl
from grader.work import Device, Finding
from grader_gpu.driver import allotted, ask_driver
from grader_gpu.examination import examine
from grader_gpu.usable import that_work


@hookimpl
def grader_devices() -> Sequence[Device]:
    """Name the GPUs."""
    found = ask_driver()
    return that_work(allotted(found.devices, os.environ.get("CUDA_VISIBLE_DEVICES"))) if found else ()


@hookimpl
def grader_doctor() -> Iterator[Finding]:
    """Go the whole way: the driver, torch, and a sandbox in which torch computes something."""
    yield from examine()
