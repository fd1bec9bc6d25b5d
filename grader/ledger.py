"""Which results are known, under which name, and what is recorded of an attempt. Asks no plugin."""

from __future__ import annotations

from msgspec import Struct, field

from grader.digest import assignment_digest
from grader.environment import MACHINE, environment
from grader.gradebook import Gradebook, result_key
from grader.model import Assignment, Loaded, Report, Submission
from grader.roster import Roster
from grader.schema import Feedback, Language, WithoutGpu
from grader.secret import attempt_seed
from grader.work import Job, Verdict


class Options(Struct, frozen=True):
    """What a run was asked for. `roster` is the course's, with the times of `--submitted`."""

    workers: int = 1
    sandbox: str = "bwrap"
    fresh: bool = False
    only: str = ""
    seed: int | None = None  # None: inputs are drawn from the course's secret
    language: Language = "en"
    without_gpu: WithoutGpu = "pending"
    feedback: Feedback = "hints"  # of reports: no part of a result's key, so a change regrades nobody
    roster: Roster = field(default_factory=Roster)


class Ledger:
    """The gradebook as one run of one assignment sees it."""

    def __init__(self, gradebook: Gradebook, assignment: Assignment, secret: bytes, options: Options) -> None:
        self.gradebook = gradebook
        self.assignment = assignment
        self.options = options
        self.digest = assignment_digest(assignment)
        self.environment = environment()
        self._secret = secret
        self._executed: set[str] = set()  # keys of this run; with --fresh, only these are known

    def job(self, submission: Submission, loaded: Loaded) -> Job:
        """Return the job that grades these files, under the name of its result."""
        return Job(
            key=self._key(loaded.digest),
            assignment=self.assignment,
            submission=submission,
            loaded=loaded,
            seed=attempt_seed(self._secret, self.assignment.id, loaded.digest),
            sandbox=self.options.sandbox,
            only=self.options.only,
            language=self.options.language,
        )

    def known(self, job: Job) -> Verdict | None:
        """Return the job's result if it need not be executed."""
        if self.options.fresh and job.key not in self._executed:
            return None
        return self.gradebook.result(job.key)

    def record(self, report: Report, verdict: Verdict | None = None, job: Job | None = None) -> int:
        """Store an attempt with its result and files, in one transaction; return the attempt's number."""
        if job is not None:
            self._executed.add(job.key)
        return self.gradebook.record(
            report,
            verdict,
            assignment=self.assignment.id,
            key=report.key,
            seed=job.seed if job else b"",
            loaded=job.loaded if job else None,
            only=self.options.only,
        )

    def _key(self, digest: str) -> str:
        return result_key(
            submission=digest,
            assignment=self.digest,
            environment={**self.environment, "language": self.options.language},
            machine=MACHINE,
            sandbox=self.options.sandbox,
            seed="course" if self.options.seed is None else f"--seed {self.options.seed}",
            only=self.options.only,
        )
