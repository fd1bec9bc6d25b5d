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

from grader import scoring
from grader.errors import GraderError, PluginError, SandboxUnavailable, Ungradable, Usage
from grader.ledger import Ledger, Options
from grader.manager import blamed
from grader.merging import is_whole
from grader.model import Adjustment, Assignment, Report, Score, Status, Submission
from grader.retry import persistently
from grader.roster import rivals
from grader.schema import WithoutGpu
from grader.scoring import Taken, add_up, completed_report, graded, without_score
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
        self.waiting: dict[str, tuple[Job, Verdict | None, list[Taken]]] = {}  # by key; with what others found

    def bring_home(self, submissions: Sequence[Submission]) -> None:
        """Bring every submission to its report."""
        jobs = self._jobs(submissions)
        with closing(executed(self.manager, jobs, self.options.sandbox, self.options.workers)) as verdicts:
            for verdict in verdicts:
                if verdict.key not in self.waiting:
                    raise PluginError(f"the executor answered a job that it was not given: '{verdict.key}'")
                job, elsewhere, those_who_wait = self.waiting.pop(verdict.key)
                own = self.ledger.found_here(verdict)
                whole = self.ledger.joined(job, own, elsewhere)
                for taken in those_who_wait:
                    self._score(taken, job, own, whole, regraded=True)

    def _jobs(self, submissions: Sequence[Submission]) -> Iterator[Job]:
        """Load, and yield what has to be executed. What need not be is reported on the way."""
        doubled = rivals(submissions)
        for submission in submissions:
            self.hook.grader_submission_started(submission=submission)
            yield from self._load(submission, doubled)

    def _load(self, submission: Submission, doubled: Mapping[str, str]) -> Iterator[Job]:
        taken = Taken(submission, self.options.sandbox, self.assignment.possible, assignment_digest=self.ledger.digest)
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
        known = self.ledger.look_up(job)
        if known.rest is None:
            assert known.whole is not None, "neither known nor to be executed"
            self._score(taken, job, known.own, known.whole, regraded=False)
        elif known.rest.key in self.waiting:
            self.waiting[known.rest.key][2].append(taken)
        else:
            self.waiting[known.rest.key] = known.rest, known.whole, [taken]
            yield known.rest

    def _score(self, taken: Taken, job: Job, own: Verdict | None, whole: Verdict, *, regraded: bool) -> None:
        """Report what stands of a submission; `own` is what this machine found of it, to be stored."""
        taken = structs.replace(taken, key=whole.key)
        if own is not None and own.status is not whole.status:
            own = None  # the rest could not be graded here, and what another machine found is not lost to that
        if whole.status is not Status.GRADED:
            report = graded(taken, whole, Score(0.0, 0.0, taken.possible), (), regraded=regraded)
            self._store(report, own, job)
            return
        if self.options.only and not whole.checks:
            parts = ", ".join(part.id for part in self.assignment.parts)
            raise Usage(f"--only {self.options.only} selects no check", step=f"name a mark, or a part: {parts}")
        score = add_up(self.assignment, whole.checks, self.options.only, self.options.without_gpu)
        try:
            adjustments = self._adjustments(taken.submission, score)
            report = graded(taken, whole, score, adjustments, regraded=regraded)
        except Exception as error:
            report = without_score(taken, Status.UNFINISHED, self._blame(error, "adjusting its score"))
        self._store(report, own, job)
        self._complete(taken, job)

    def _complete(self, taken: Taken, job: Job) -> None:
        """Fill in what this student's whole attempts with these files had left open, as `--only gpu` is there to do."""
        for stored, whole in self.ledger.incomplete(job, taken.submission.student):
            score = add_up(self.assignment, whole.checks, "", self.options.without_gpu)
            submission = structs.replace(taken.submission, submitted=stored.report.submitted)
            try:
                adjustments = self._adjustments(submission, score)
                report = completed_report(stored.report, taken, whole, score, adjustments)
            except Exception as error:
                self._blame(error, "adjusting its score")
            else:
                self.ledger.complete(stored, report)

    def _adjustments(self, submission: Submission, score: Score) -> Sequence[Adjustment]:
        return adjustments(self.manager, self.assignment, submission, score)

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


def adjustments(
    manager: PluginManager, assignment: Assignment, submission: Submission, score: Score
) -> Sequence[Adjustment]:
    """Return what plugins add to a score, or take from it."""
    answers: Sequence[Adjustment] = manager.hook.grader_adjust_score(
        assignment=assignment, submission=submission, score=score
    )
    return answers


def rescored(manager: PluginManager, assignment: Assignment, without_gpu: WithoutGpu, report: Report) -> Report:
    """Return the report of a joined result with its score.

    Full marks are the assignment's where all of its checks are in the report, and those of its checks otherwise.
    """
    if report.status is not Status.GRADED:
        return scoring.rescored(report, Score(0.0, 0.0, report.possible), ())
    selected = "" if is_whole(report.checks, assignment.parts) else "some"
    score = add_up(assignment, report.checks, selected, without_gpu)
    submission = Submission(report.student, Path(report.path), report.submitted)
    try:
        return scoring.rescored(report, score, adjustments(manager, assignment, submission, score))
    except GraderError:
        raise
    except Exception as error:
        plugin = blamed(manager, error)
        raise PluginError(f"{plugin} broke while adjusting the score of '{report.student}': {error}") from error


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
