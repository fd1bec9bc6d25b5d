"""A submission on a GPU: leased to it for one check, in a sandbox of its own, in a process that is executed anew."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from grader.errors import DeviceFault, SandboxUnavailable
from grader.hardware import HOST_MEMORY
from grader.model import Limits
from grader.referee.devices import FULL
from grader.referee.faults import StudentFault
from grader.referee.health import Enter, Health, examine, fresh
from grader.referee.leases import Lease, Leases
from grader.referee.sandboxed import Sandboxed
from grader.referee.suite import Check
from grader.wire.protocol import Call, Halted, Load, Raised, Reply
from grader.work import Device

OUT_OF_MEMORY = "OutOfMemoryError"


class Submitted:
    """What a submission needs to be asked on a GPU, whichever of its checks it is for."""

    def __init__(self, submission: str, seed: bytes, load: Load, limits: Limits, enter: Enter, leases: Leases) -> None:
        self.submission = submission
        self.seed = seed
        self.load = load
        self.limits = limits
        self.enter = enter
        self.leases = leases

    def on_gpu(self, check: Check) -> OnGpu:
        """Return the student that answers one check."""
        return OnGpu(self, check)


class OnGpu:
    """The student of one check. The first call waits for a lease; leaving gives it back."""

    def __init__(self, submitted: Submitted, check: Check) -> None:
        assert check.gpu is not None
        self.submitted = submitted
        self.check = check
        self.need = check.gpu
        self.lease: Lease | None = None
        self.student: Sandboxed | None = None
        self.starved = False  # it has run out of the GPU's memory
        self.cpu_seconds = 0.0

    def ask(self, call: Call, seconds: float, memory: int | None = None) -> Reply:
        """Return the reply to one call, for which torch is imported and the module loaded anew.

        Raises:
            StudentFault: if it does not answer within its limits, or ends first.
            DeviceFault: if no GPU works, or none comes free.
        """
        self.lease = self.lease or self._leased()
        self.student = self.student or self._entered(self.lease.devices)
        starting = self.submitted.limits.load_seconds
        reply = self.student.ask(call, seconds + starting, memory and memory + host_memory(self.lease.devices))
        self.starved = self.starved or (isinstance(reply, Raised | Halted) and OUT_OF_MEMORY in reply.types)
        return reply

    def _leased(self) -> Lease:
        """Take GPUs that work. Those that another submission has used since are looked at first."""
        broken: dict[str, str] = {}
        while True:
            lease = self._taken(broken)
            if lease.used_by(self.submitted.submission) or not (said := self._examined(lease.devices).problem):
                lease.sign(self.submitted.submission)
                return lease
            lease.release()
            broken |= dict.fromkeys((device.uuid for device in lease.devices), said)

    def _taken(self, broken: Mapping[str, str]) -> Lease:
        """Take what is free of those that are not known to be broken."""
        try:
            return self.submitted.leases.take(self.need, without=broken)
        except DeviceFault as error:
            if not broken:
                raise
            said = next(iter(broken.values()))
            raise DeviceFault(f"a GPU does not work: {said}", step="nvidia-smi, and grader doctor") from error

    def _entered(self, devices: tuple[Device, ...]) -> Sandboxed:
        seed = hmac.digest(self.submitted.seed, b"random numbers of " + self.check.name.encode(), "sha256")
        ready = fresh(devices, tf32=self.need.precision == "tf32", seed=int.from_bytes(seed[:8], "little") >> 1)
        load = replace(self.submitted.load, fresh=ready)
        limits = self._limits(devices)
        student = Sandboxed(lambda: self.submitted.enter(limits, devices), load, limits)
        try:
            student.load()
        except StudentFault as fault:  # nothing of the student's runs before the first call
            raise SandboxUnavailable(f"a sandbox with a GPU did not get ready: {fault.message}") from fault
        return student

    def _limits(self, devices: Sequence[Device]) -> Limits:
        """What a sandbox with these may use. CUDA's own share of the machine's memory is not the student's doing."""
        limits = self.submitted.limits
        return replace(limits, memory=limits.memory + host_memory(devices))

    def _examined(self, devices: Sequence[Device]) -> Health:
        return examine(self.submitted.enter, devices, self._limits(devices))

    def leave(self, *, in_doubt: bool) -> None:
        """End what runs on the GPU, look at it where what came of the check is in doubt, and give it back.

        Raises:
            DeviceFault: if it does not work, or somebody else's processes have its memory.
        """
        if self.student is not None:
            self.student.close()
            self.cpu_seconds = self.student.cpu_seconds
        if self.lease is None:
            return
        try:
            said = self._fault(self.lease.devices) if in_doubt else ""
            if said:
                self.lease.sign("")  # whoever has it next looks at it first, this submission's next try too
        finally:
            self.lease.release()
        if said:
            names = ", ".join(f"{device.name} ({device.uuid})" for device in self.lease.devices)
            raise DeviceFault(f"{said}: {names}", step="nvidia-smi, and grader doctor")

    def _fault(self, devices: Sequence[Device]) -> str:
        """Say what is wrong with the GPUs, now that nothing of the submission is on them."""
        health = self._examined(devices)
        if health.problem:
            return f"a GPU does not work: {health.problem}"
        due = [self.need.memory or (0 if self.need.shared else int(FULL * device.memory)) for device in devices]
        if self.starved and any(free < FULL * most for free, most in zip(health.free, due, strict=False) if free):
            return "other processes hold memory of a GPU"
        return ""


def host_memory(devices: Sequence[Device]) -> int:
    """Return what CUDA itself takes of the machine's memory for these, in bytes."""
    return HOST_MEMORY if all(device.kind == "cuda" for device in devices) else 0
