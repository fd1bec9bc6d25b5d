"""What passes between the pipeline, the executors and the sandboxes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from grader.model import Assignment, CheckResult, Loaded, Status, Submission


class Device(Struct, frozen=True):
    """A GPU of this machine, or one that is pretended."""

    name: str  # such as "NVIDIA H100 80GB HBM3"
    uuid: str  # names it in every process, whatever else each sees
    memory: int  # bytes
    kind: Literal["cuda", "cpu"] = "cuda"  # as torch calls it: a pretended one is the CPU
    files: tuple[str, ...] = ()  # the device files by which it is used
    reads: tuple[str, ...] = ()  # what of the system its library reads, where it is there


class Job(Struct, frozen=True):
    """One submission to be graded: all that an executor needs."""

    key: str
    assignment: Assignment
    submission: Submission
    loaded: Loaded
    seed: bytes  # of this attempt's inputs; never enters a sandbox
    sandbox: str
    only: str = ""  # parts, marks or checks, a line each; empty for all checks
    language: str = "en"
    devices: tuple[Device, ...] = ()  # the GPUs that checks may use


class Verdict(Struct, frozen=True):
    """What the referee found, before points are adjusted."""

    key: str
    status: Status
    checks: tuple[CheckResult, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()
    output: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    machine: str = ""  # the kinds of machine that it was found on; the ledger knows


class Sandbox(Struct, frozen=True):
    """A way to confine student code. Its holder is started in the referee, so it is named rather than handed over."""

    name: str
    confined: bool  # False: results can be forged, and every report says so
    hold: str = ""  # "module:function", called (Limits) -> Holder for each sandbox; empty: nothing to enter. For
    #   one that has GPUs it is called (Limits, the Devices), and shows their files and no other GPU's
    prepare: str = ""  # "module:function", called once in the process that will start holders
    shows: tuple[str, ...] = ()  # folders of this machine that student code can read


class Finding(Struct, frozen=True):
    """One thing that `grader doctor` looked at."""

    subject: str
    state: Literal["ok", "missing", "broken"]
    detail: str
    step: str = ""  # what to do, where the state is not ok
