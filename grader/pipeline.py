"""A run: discover → load → run → score → report. Together with run.py the only caller of a run's hooks.

A submission is loaded when the executor draws its job and forgotten when its verdict is in: memory does not grow with
the class. What was handed in twice, byte for byte, is executed once and reported for each student.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path

from msgspec import structs
from pluggy import PluginManager

from grader.course import Course, course_secret
from grader.errors import CourseError, PluginError, Usage
from grader.gradebook import Gradebook
from grader.hardware import PRETENDED_DEVICES, once
from grader.ledger import Ledger, Options
from grader.merging import Source, merged
from grader.model import Assignment, AssignmentSummary, Gradesheet, Submission
from grader.run import Run, executed, rescored
from grader.schema import WithoutGpu, nearest
from grader.secret import secret_of_seed
from grader.teaching.release import release
from grader.teaching.sections import sections
from grader.work import Device, Job, Verdict

__all__ = ["Interrupted", "Options", "grade", "known_kind", "merge", "replay", "report_kinds", "show", "write_report"]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, and how far the run had come. What was finished is in the gradebook."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__()
        self.done = done
        self.total = total


def grade(
    manager: PluginManager,
    course: Course,
    assignment: Assignment,
    paths: Sequence[Path],
    *,
    gradebook: Gradebook | None,
    options: Options,
) -> Gradesheet:
    """Grade what the paths hold; the reports are in the order of discovery. Without a gradebook none is recorded.

    Raises:
        CourseError, Usage, PluginError: before anything is graded.
        SandboxUnavailable: before student code runs.
        Interrupted: on Ctrl-C, with what was finished kept.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    _refuse_handout(assignment)
    submissions = options.roster.apply(assignment.id, discover(manager, assignment, paths))
    secret = course_secret(course) if options.seed is None else secret_of_seed(options.seed)
    ledger = Ledger(gradebook, assignment, secret, options, devices_of(manager, assignment, options))
    manager.hook.grader_run_started(assignment=assignment, submissions=submissions)
    run = Run(manager, assignment, ledger, options)
    try:
        run.bring_home(submissions)
    except KeyboardInterrupt:
        raise Interrupted(len(run.reports), len(submissions)) from None
    gradesheet = Gradesheet(
        assignment=AssignmentSummary.of(assignment, ledger.digest, sections(assignment)),
        submissions=tuple(run.reports[submission.path] for submission in submissions),
        started=started,
        seconds=time.monotonic() - clock,
        sandbox=options.sandbox,
        environment=ledger.environment,
        language=options.language,
        machine=ledger.machine,
        pretended=options.pretend_gpu,
    )
    gradesheet = release(gradesheet, options.feedback)
    manager.hook.grader_run_finished(gradesheet=gradesheet)
    return gradesheet


def _refuse_handout(assignment: Assignment) -> None:
    if assignment.solution is None:
        step = f"write its hidden checks in solutions/{assignment.id}/ of the course"
        raise CourseError("only the handout is here, so nothing can be graded", place=assignment.folder, step=step)


def devices_of(manager: PluginManager, assignment: Assignment, options: Options) -> tuple[Device, ...]:
    """Return the GPUs that checks may use: none where no part needs one, whatever the machine has."""
    if not assignment.wants_gpu:
        return ()
    return PRETENDED_DEVICES if options.pretend_gpu else once(chain.from_iterable(manager.hook.grader_devices()))


def discover(manager: PluginManager, assignment: Assignment, paths: Sequence[Path]) -> list[Submission]:
    """Return the submissions that the paths hold, each path of theirs once."""
    found: dict[Path, Submission] = {}
    for path in paths:
        if not path.exists():
            raise Usage("there is nothing here to grade", place=path, step="name a submission, or a folder of them")
        answer = manager.hook.grader_discover(assignment=assignment, path=path)
        if answer is None:
            raise Usage("no plugin knows what this is", place=path, step=f"hand in {assignment.module}.py or .ipynb")
        found.update((submission.path, submission) for submission in answer)
    if not found:
        place = ", ".join(str(path) for path in paths)
        raise Usage("nothing was handed in", place=place, step="put submissions there, or name another PATH")
    return list(found.values())


def show(manager: PluginManager, gradesheet: Gradesheet) -> None:
    """Print stored reports as the end of a run does."""
    manager.hook.grader_run_finished(gradesheet=gradesheet)


def merge(
    manager: PluginManager, assignment: Assignment, sources: Sequence[Source], *, without_gpu: WithoutGpu
) -> Gradesheet:
    """Join what several machines found, and work out every score again.

    Raises:
        MergeRefused: if it is of different things, or contradicts itself.
        PluginError: if a plugin that adjusts scores breaks.
    """
    return merged(sources, partial(rescored, manager, assignment, without_gpu))


def replay(manager: PluginManager, job: Job) -> Verdict:
    """Execute one job alone, and record nothing."""
    _refuse_handout(job.assignment)
    job = structs.replace(job, devices=devices_of(manager, job.assignment, Options()))
    with closing(executed(manager, iter([job]), job.sandbox, workers=1)) as verdicts:
        return next(verdicts)


def report_kinds(manager: PluginManager) -> dict[str, str]:
    """Return the kinds of `--report`, each with its line of help."""
    return {kind: line for kinds in reversed(manager.hook.grader_report_kinds()) for kind, line in kinds.items()}


def known_kind(manager: PluginManager, kind: str) -> str:
    """Return the kind if a plugin writes it; a Usage error lists the nearest otherwise."""
    kinds = report_kinds(manager)
    if kind in kinds:
        return kind
    meant = nearest(kind, kinds)
    step = f"did you mean {' or '.join(meant)}?" if meant else f"the kinds are {', '.join(sorted(kinds)) or 'none'}"
    raise Usage(f"no plugin writes reports of kind '{kind}'", place="--report", step=step)


def write_report(manager: PluginManager, kind: str, destination: Path, gradesheet: Gradesheet) -> Sequence[Path]:
    """Write one report; return what was written, the one to open first. A GraderError says why it cannot be."""
    written = manager.hook.grader_write_report(kind=kind, destination=destination, gradesheet=gradesheet)
    if written is None:
        raise PluginError(f"the plugin that names the report kind '{kind}' does not write it")
    return list(written)
