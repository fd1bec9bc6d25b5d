"""The frozen values that flow through a run, in the order in which they come to be.

Assignment → Submission → Loaded → CheckResult → Score → Report → Gradesheet. Nothing edits a value: a later
stage makes a new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from msgspec import Struct, field

MB = 1024 * 1024


# ---- what is asked ---------------------------------------------------------------------------------------------


class Tier(StrEnum):
    """Core parts sum to 100 points; stretch parts are a bonus; those of gpu count beside the hundred."""

    CORE = "core"
    STRETCH = "stretch"
    GPU = "gpu"  # its checks need a GPU, and are pending on a machine without one


FOR_FULL_MARKS = (Tier.CORE, Tier.GPU)


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """One part of an assignment, as `assignment.toml` declares it."""

    id: str
    title: str
    points: float
    tier: Tier = Tier.CORE
    names: tuple[str, ...] = ()  # what the student writes for it
    forbidden: tuple[str, ...] = ()  # dotted names that may not be called during its probes
    title_zh: str = ""


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What one submission may use. Seconds are wall clock unless they say cpu; sizes are bytes."""

    load_seconds: float = 60.0
    call_seconds: float = 10.0
    submission_seconds: float = 300.0  # of all calls together
    cpu_seconds: int = 60  # of one process
    memory: int = 1024 * MB  # of the whole sandbox, above what the interpreter and torch hold
    processes: int = 64
    open_files: int = 256
    disk: int = 256 * MB  # of each private tmpfs
    output: int = 1 * MB  # of stdout and stderr together; also the largest file written there
    reply: int = 64 * MB  # one answer on the wire


class Assignment(Struct, frozen=True):
    """An assignment, read from its two folders. `solution` is None where only the handout is present."""

    id: str  # the folder's name: 03_stochastic_approximation
    number: int
    slug: str  # stochastic_approximation
    title: str
    module: str  # the module that a student hands in: stochastic
    parts: tuple[Part, ...]
    folder: Path
    solution: Path | None = None
    limits: Limits = Limits()
    title_zh: str = ""
    source: str = ""  # the article
    hours: float = 0.0
    due: datetime | None = None

    @property
    def possible(self) -> float:
        """Points for full marks: those of the core parts, and of the parts that need a GPU."""
        return sum(part.points for part in self.parts if part.tier in FOR_FULL_MARKS)

    @property
    def wants_gpu(self) -> bool:
        """Whether a part of it needs a GPU: else no result depends on which GPUs a machine has."""
        return any(part.tier is Tier.GPU for part in self.parts)

    def part(self, name: str) -> Part:
        """Return the part with this id."""
        return next(part for part in self.parts if part.id == name)


# ---- what was handed in ----------------------------------------------------------------------------------------


class Submission(Struct, frozen=True):
    """A file or folder that one student handed in. `submitted` is never taken from the file's own mtime."""

    student: str
    path: Path
    submitted: datetime | None = None


class Loaded(Struct, frozen=True):
    """A submission made into importable files, none of them executed or compiled yet.

    `files` maps relative POSIX paths to bytes; `entry` is the one that is imported as the assignment's module.
    `notes` say, a sentence each, what was done to get there ("cell 7 has a magic, which was passed over").
    """

    files: Mapping[str, bytes]
    entry: str
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of what decides the result: names and contents."""
        h = hashlib.sha256(self.entry.encode())
        for name in sorted(self.files):
            path = name.encode(errors="surrogateescape")  # a name on disk need not be UTF-8
            h.update(b"\0%d\0%s\0%d\0" % (len(path), path, len(self.files[name])))
            h.update(self.files[name])
        return h.hexdigest()


# ---- what came of it -------------------------------------------------------------------------------------------


class Outcome(StrEnum):
    """How one check ended. See `fault` for whose doing that was."""

    PASSED = "passed"
    FAILED = "failed"  # a wrong answer
    BLOCKED = "blocked"  # a check that it comes after did not pass
    ERROR = "error"  # student code raised
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"  # a signal, os._exit
    FORBIDDEN = "forbidden"  # a call that this part rules out
    NOT_ATTEMPTED = "not_attempted"  # the stub's NotImplementedError, or the name is missing
    PENDING = "pending"  # needs hardware that this machine lacks
    INVALID = "invalid"  # the check itself broke: never the student's fault


class Status(StrEnum):
    """What happened to a submission as a whole."""

    GRADED = "graded"
    UNGRADABLE = "ungradable"  # it could not be loaded; `reason` says why, to the student
    UNFINISHED = "unfinished"  # our side broke; the instructor must look; never a zero


class Diagnosis(Struct, frozen=True):
    """The misconception whose answers the student's equal, and the hint that such a student should read."""

    misconception: str
    hint: str


class Growth(Struct, frozen=True):
    """How a count grew with the size of the problem: like n^`exponent`, by the best fit, where n^`at_most` may be."""

    name: str
    sizes: tuple[float, ...]
    values: tuple[float, ...]
    exponent: float
    at_most: float


class CheckResult(Struct, frozen=True):
    """One check of one submission. Everything in it may be read by the student except `detail` and `nearest`."""

    name: str
    part: str
    title: str
    points: float
    earned: float
    outcome: Outcome
    message: str = ""  # the kind of difference or the student-side fault: never an expected value or an input
    diagnosis: Diagnosis | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    detail: str = ""  # for the instructor only: tracebacks, values
    after: tuple[str, ...] = ()  # names of the checks that it comes after
    growths: tuple[Growth, ...] = ()  # what it looked at, whether or not it passed
    asked: str = ""  # the call that decided it, where it did not pass: names, kinds and sizes, never a number
    nearest: str = ""  # for the instructor only: the misconceptions that come nearest, where not one explains it


class Adjustment(Struct, frozen=True):
    """Points for something other than the checks, with a reason that the student can read."""

    points: float
    reason: str


class Score(Struct, frozen=True):
    """The checks, added up. `earned` may exceed `possible` by the stretch parts."""

    earned: float
    pending: float
    possible: float


class Report(Struct, frozen=True):
    """All that is known of one attempt."""

    student: str
    path: str
    status: Status
    earned: float
    pending: float
    possible: float
    digest: str = ""
    assignment_digest: str = ""  # of the assignment as it was when this was graded
    submitted: datetime | None = None
    reason: str = ""  # why it is ungradable or unfinished, one sentence
    notes: tuple[str, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    output: str = ""  # what the student's module printed while it was loaded, cut short
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    sandbox: str = ""  # "bwrap"; "none" means that these results can be forged
    key: str = ""  # of the result: see gradebook.py
    attempt: int | None = None
    regraded: bool = True  # False: taken from the gradebook
    machine: str = ""  # the kinds of machine that its checks ran on, such as "cpu; cuda NVIDIA H100"


class Section(Struct, frozen=True):
    """Where a handout explains a part: a heading of one of its files, as it stands there."""

    part: str
    language: str
    file: str
    heading: str


class AssignmentSummary(Struct, frozen=True):
    """What a report says of its assignment."""

    id: str
    title: str
    digest: str
    possible: float
    parts: tuple[Part, ...]
    title_zh: str = ""
    sections: tuple[Section, ...] = ()  # of the handout as it is when the report is made: they decide no result

    @classmethod
    def of(cls, assignment: Assignment, digest: str, sections: tuple[Section, ...] = ()) -> AssignmentSummary:
        """Summarise an assignment whose digest is known."""
        whole = (assignment.possible, assignment.parts, assignment.title_zh)
        return cls(assignment.id, assignment.title, digest, *whole, sections)


class Gradesheet(Struct, frozen=True):
    """A whole run: what every report format is made from. Encoded by msgspec it is the JSON report."""

    assignment: AssignmentSummary
    submissions: tuple[Report, ...]
    started: datetime
    seconds: float
    sandbox: str
    environment: dict[str, str] = field(default_factory=dict)
    language: str = "en"
    machine: str = "cpu"  # the kind of machine that graded: "cpu", or its GPUs
    pretended: str = ""  # "cpu": checks that need a GPU ran there, so that this is no grade
    format: str = "grader-report/1"
