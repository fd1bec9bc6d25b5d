"""What a person caused and can mend. Anything else that is raised is our bug and keeps its traceback."""

from __future__ import annotations


class GraderError(Exception):
    """A problem, the place where it is, and the next step. Printed without a traceback."""

    code = "grader-error"

    def __init__(self, problem: str, *, place: object = None, step: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = None if place is None else str(place)
        self.step = step

    def __str__(self) -> str:
        lines = [f"{self.code}: {self.problem}"]
        if self.place is not None:
            lines.append(f"  in   {self.place}")
        if self.step is not None:
            lines.append(f"  try  {self.step}")
        return "\n".join(lines)


class CourseError(GraderError):
    """A course folder, or a file in it, that does not say what it must."""

    code = "course"


class UnknownAssignment(GraderError):
    """A name that no assignment of the course has."""

    code = "unknown-assignment"


class Ungradable(GraderError):
    """A submission that cannot be loaded: its student reads `problem`, one sentence. The batch goes on."""

    code = "ungradable"


class SandboxUnavailable(GraderError):
    """This machine cannot confine student code, so nothing untrusted is run."""

    code = "sandbox-unavailable"


class DeviceFault(GraderError):
    """A GPU that does not work, or none that comes free: nothing can be said of what was to run on it."""

    code = "device"


class CheckDefect(GraderError):
    """A check, probe or misconception that cannot work as it is written."""

    code = "check-defect"


class WireError(GraderError):
    """Bytes from the other side of the boundary that are not what the protocol says."""

    code = "wire"


class PluginError(GraderError):
    """A plugin that is not there, or did not answer as its hook demands."""

    code = "plugin"


class GradebookError(GraderError):
    """A gradebook that cannot be opened, or does not hold what was asked for."""

    code = "gradebook"


class MergeRefused(GraderError):
    """Reports that cannot be joined: they contradict each other, or are of different things."""

    code = "merge"


class Usage(GraderError):
    """A command that was asked for something that it cannot do."""

    code = "usage"


class ReportError(GraderError):
    """A report that cannot be written where it was asked for."""

    code = "report"
