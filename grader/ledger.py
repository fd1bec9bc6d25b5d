"""Which results are known, under which name, and what is recorded of an attempt. Asks no plugin.

What one kind of machine left pending, another fills in: the result of each is stored under its own name, and what
stands of a submission is both together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from grader.digest import assignment_digest
from grader.environment import environment
from grader.gradebook import Found, Gradebook, Origin, StoredAttempt
from grader.hardware import kind_of
from grader.merging import completed, left_open, with_broken
from grader.model import Assignment, Loaded, Outcome, Report, Status, Submission
from grader.roster import Roster
from grader.schema import Feedback, Language, WithoutGpu
from grader.secret import attempt_seed
from grader.work import Device, Job, Verdict


class Options(Struct, frozen=True):
    """What a run was asked for. `roster` is the course's, with the times of `--submitted`."""

    workers: int = 1
    sandbox: str = "bwrap"
    fresh: bool = False
    only: str = ""
    seed: int | None = None  # None: inputs are drawn from the course's secret
    language: Language = "en"
    without_gpu: WithoutGpu = "pending"
    pretend_gpu: Literal["", "cpu"] = ""  # run the checks that need a GPU there; nothing of it is a grade
    feedback: Feedback = "hints"  # of reports: no part of a result's key, so a change regrades nobody
    roster: Roster = field(default_factory=Roster)


class Known(Struct, frozen=True):
    """What the gradebook knows of a submission, and what has still to be executed of it."""

    whole: Verdict | None = (
        None  # under the key of the attempt: what another kind of machine found, and all that is known
    )
    own: Verdict | None = None  # what this kind of machine found
    rest: Job | None = None  # None: nothing has to be executed


class Ledger:
    """The gradebook as one run of one assignment sees it; None where nothing is known and nothing recorded."""

    def __init__(
        self,
        gradebook: Gradebook | None,
        assignment: Assignment,
        secret: bytes,
        options: Options,
        devices: tuple[Device, ...] = (),
    ) -> None:
        self.gradebook = None if options.pretend_gpu else gradebook
        self.assignment = assignment
        self.options = options
        self.devices = devices
        self.machine = kind_of(devices)
        self.digest = assignment_digest(assignment)
        self.environment = environment()
        self._secret = secret
        self._executed: set[str] = set()  # keys of this run; with --fresh, only these are known

    def job(self, submission: Submission, loaded: Loaded) -> Job:
        """Return the job that grades these files, under the name of its result."""
        return Job(
            key=self._origin(loaded.digest, self.options.only).key,
            assignment=self.assignment,
            submission=submission,
            loaded=loaded,
            seed=attempt_seed(self._secret, self.assignment.id, loaded.digest),
            sandbox=self.options.sandbox,
            only=self.options.only,
            language=self.options.language,
            devices=self.devices,
        )

    def look_up(self, job: Job) -> Known:
        """Return what is known of a submission. Where another kind of machine graded it, only the rest is executed."""
        if own := self._result(job):
            return Known(whole=self.joined(job, own), own=own)
        if job.only or self.options.fresh:
            return Known(rest=job)
        return self._elsewhere(job) or Known(rest=job)

    def joined(self, job: Job, own: Verdict, whole: Verdict | None = None) -> Verdict:
        """Return what stands of a submission, now that this machine has a verdict on it, or on the rest of it."""
        if whole is None:
            return completed(own, self._others(job)) if left_open(own.checks) else own
        if own.status is not Status.GRADED:  # what another machine found still stands, but the instructor has to look
            return Verdict(whole.key, Status.UNFINISHED, reason=own.reason, machine=own.machine)
        return with_broken(completed(whole, [own, *self._others(job)]), own)

    def found_here(self, verdict: Verdict) -> Verdict:
        """Return an executor's verdict with the kind of this machine."""
        return replace(verdict, machine=self.machine)

    def incomplete(self, job: Job, student: str) -> Iterator[tuple[StoredAttempt, Verdict]]:
        """Yield this student's attempts with the same files of which something else is known now than is recorded."""
        if self.gradebook is None or not self.assignment.wants_gpu:
            return
        found = {one.key: one.verdict for one in self._like(job)}
        for stored in self.gradebook.attempts_with(self.assignment.id, student, job.loaded.digest):
            if stored.key in found and stored.report.status is Status.GRADED:
                others = [verdict for key, verdict in found.items() if key != stored.key]
                whole = completed(found[stored.key], others)
                if (whole.checks, whole.machine) != (stored.report.checks, stored.report.machine):
                    yield stored, whole

    def record(self, report: Report, verdict: Verdict | None = None, job: Job | None = None) -> int | None:
        """Store an attempt with its result and files, in one transaction; return its number, None if it has none.

        The verdict is this machine's, under the job's key; the attempt's is that of its report.
        """
        if job is not None:
            self._executed.add(job.key)
        if self.gradebook is None:
            return None
        return self.gradebook.record(
            report,
            verdict,
            assignment=self.assignment.id,
            key=report.key,
            seed=job.seed if job else b"",
            loaded=job.loaded if job else None,
            only=self.options.only,
            origin=self._origin(job.loaded.digest, job.only) if job else None,
        )

    def complete(self, stored: StoredAttempt, report: Report) -> None:
        """Record an attempt of which more is known now."""
        if self.gradebook is not None:
            self.gradebook.complete(stored, report)

    def _result(self, job: Job) -> Verdict | None:
        if self.gradebook is None or (self.options.fresh and job.key not in self._executed):
            return None
        return self.gradebook.result(job.key)

    def _elsewhere(self, job: Job) -> Known | None:
        """Return what another kind of machine found with the same versions, and leave this one what is pending."""
        origin = self._origin(job.loaded.digest)
        whole = next((found.verdict for found in self._like(job) if found.stands_for(origin)), None)
        if whole is None:
            return None
        whole = completed(whole, self._others(job))
        pending = [check.name for check in whole.checks if check.outcome is Outcome.PENDING]
        selection = "\n".join(pending)
        rest = replace(job, key=self._origin(job.loaded.digest, selection).key, only=selection)
        return Known(whole, rest=rest if pending and self._result(rest) is None else None)

    def _like(self, job: Job) -> Sequence[Found]:
        if self.gradebook is None or not self.assignment.wants_gpu:  # else no result depends on the machine
            return ()
        return self.gradebook.results_like(self._origin(job.loaded.digest))

    def _others(self, job: Job) -> list[Verdict]:
        """Return what may fill in this job's verdict, the newest first."""
        origin = self._origin(job.loaded.digest, job.only)
        return [found.verdict for found in self._like(job) if found.may_complete(origin)]

    def _origin(self, digest: str, selection: str = "") -> Origin:
        return Origin(
            submission=digest,
            assignment=self.digest,
            machine=self.machine,
            environment=self.environment,
            sandbox=self.options.sandbox,
            inputs="course" if self.options.seed is None else f"--seed {self.options.seed}",
            selection=selection,
            language=self.options.language,
        )
