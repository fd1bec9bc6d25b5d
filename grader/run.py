"""Submissions on their way from load to report. Together with pipeline.py the only caller of a run's hooks."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import chain
from pathlib import Path

from msgspec import structs
from pluggy import PluginManager

from grader.errors import GraderError, PluginError, SandboxUnavailable, Ungradable, Usage
from grader.ledger import Ledger, Options
from grader.manager import blamed
from grader.model import Assignment, Report, Score, Status, Submission
from grader.retry import persistently
from grader.roster import rivals
from grader.scoring import Taken, add_up, graded, without_score
from grader.work import Job, Sandbox, Verdict

log = logging.getLogger(__name__)


class Run:
    """Submissions on their way to their reports."""

    def __init__(self, manager: PluginManager, assignment: Assignment, ledger: Ledger, options: Options) -> None:
        self.manager = manager
        self.hook = manager.hook
        self.assignment = assignment
        self.ledger = ledger
        self.options = options
        self.reports: dict[Path, Report] = {}  # by the submission's path
        self.waiting: dict[str, tuple[Job, list[Taken]]] = {}  # by key

    def bring_home(self, submissions: Sequence[Submission]) -> None:
        """Bring every submission to its report."""
        jobs = self._jobs(submissions)
        with closing(executed(self.manager, jobs, self.options.sandbox, self.options.workers)) as verdicts:
            for verdict in verdicts:
                if verdict.key not in self.waiting:
                    raise PluginError(f"the executor answered a job that it was not given: '{verdict.key}'")
                job, those_who_wait = self.waiting.pop(verdict.key)
                for taken in those_who_wait:
                    self._score(taken, job, verdict, regraded=True)

    def _jobs(self, submissions: Sequence[Submission]) -> Iterator[Job]:
        """Load, and yield what has to be executed. What need not be is reported on the way."""
        doubled = rivals(submissions)
        for submission in submissions:
            self.hook.grader_submission_started(submission=submission)
            yield from self._load(submission, doubled)

    def _load(self, submission: Submission, doubled: Mapping[str, str]) -> Iterator[Job]:
        taken = Taken(submission, self.options.sandbox, self.assignment.possible)
        try:
            if submission.student in doubled:
                raise Ungradable(f"more than one submission could be meant: {doubled[submission.student]}")
            loaded = self.hook.grader_load(assignment=self.assignment, path=submission.path)
            if loaded is None:
                raise Ungradable(f"'{submission.path.name}' is not a kind of file that is graded")
        except Ungradable as error:
            self._store(without_score(taken, Status.UNGRADABLE, error.problem))
            return
        except Exception as error:
            self._store(without_score(taken, Status.UNFINISHED, self._blame(error, "loading it")))
            return
        job = self.ledger.job(submission, loaded)
        taken = structs.replace(taken, digest=loaded.digest, key=job.key, notes=loaded.notes)
        if job.key in self.waiting:
            self.waiting[job.key][1].append(taken)
        elif verdict := self.ledger.known(job):
            self._score(taken, job, verdict, regraded=False)
        else:
            self.waiting[job.key] = job, [taken]
            yield job

    def _score(self, taken: Taken, job: Job, verdict: Verdict, *, regraded: bool) -> None:
        if verdict.status is not Status.GRADED:
            report = graded(taken, verdict, Score(0.0, 0.0, taken.possible), (), regraded=regraded)
            self._store(report, verdict, job)
            return
        if self.options.only and not verdict.checks:
            parts = ", ".join(part.id for part in self.assignment.parts)
            raise Usage(f"--only {self.options.only} selects no check", step=f"name a mark, or a part: {parts}")
        score = add_up(self.assignment, verdict.checks, self.options.only, self.options.without_gpu)
        try:
            adjustments = self.hook.grader_adjust_score(
                assignment=self.assignment, submission=taken.submission, score=score
            )
            report = graded(taken, verdict, score, adjustments, regraded=regraded)
        except Exception as error:
            report = without_score(taken, Status.UNFINISHED, self._blame(error, "adjusting its score"))
        self._store(report, verdict, job)

    def _store(self, report: Report, verdict: Verdict | None = None, job: Job | None = None) -> None:
        attempt = self.ledger.record(report, verdict, job)
        report = structs.replace(report, attempt=attempt)
        self.reports[Path(report.path)] = report
        self.hook.grader_submission_finished(report=report)

    def _blame(self, error: Exception, doing: str) -> str:
        """Return one sentence that names the plugin; the traceback goes to the log."""
        plugin = blamed(self.manager, error)
        log.error("%s broke while %s", plugin, doing, exc_info=error)
        said = error.problem if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
        return f"the plugin {plugin} broke while {doing}: {said}"


def executed(manager: PluginManager, jobs: Iterator[Job], sandbox: str, workers: int) -> Generator[Verdict]:
    """Yield one verdict a job; what breaks on our side is tried again."""
    return persistently(partial(_executed, manager, sandbox), jobs, workers)


def _executed(manager: PluginManager, sandbox: str, jobs: Iterator[Job], workers: int) -> Generator[Verdict]:
    """Yield the verdicts. The executor is started at the first job: where all is known there is nothing to start."""
    for first in jobs:
        walls = manager.hook.grader_sandbox(name=sandbox)
        if walls is None:
            raise PluginError(f"no plugin provides a sandbox '{sandbox}'", step="try --sandbox bwrap")
        hidden_from(walls, first.assignment)
        verdicts = manager.hook.grader_execute(jobs=chain([first], jobs), sandbox=walls, workers=workers)
        if verdicts is None:
            raise PluginError("no plugin executes jobs", step="leave out -p no:grader_local")
        yield from verdicts  # closing this closes them


def hidden_from(walls: Sandbox, assignment: Assignment) -> None:
    """Refuse a course that student code could read, because it lies where the interpreter does."""
    if assignment.solution is None:
        return
    secret = assignment.solution.resolve()
    seen = next((folder for folder in walls.shows if secret.is_relative_to(Path(folder).resolve())), None)
    if seen is not None:
        raise SandboxUnavailable(
            f"student code can read {seen}, where the interpreter is, and the solutions lie in it",
            place=assignment.solution,
            step="move the course out of there",
        )
