"""Every place where a plugin takes part, in the order in which a run comes to it.

A hook is handed values and answers with values; nothing it is given can be edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pluggy

from grader.model import Adjustment, Assignment, Gradesheet, Loaded, Report, Score, Submission
from grader.work import Device, Finding, Job, Sandbox, Verdict

hookspec = pluggy.HookspecMarker("grader")
hookimpl = pluggy.HookimplMarker("grader")


# ---- discover --------------------------------------------------------------------------------------------------


@hookspec(firstresult=True)
def grader_discover(assignment: Assignment, path: Path) -> Sequence[Submission] | None:
    """Say which submissions a path holds.

    Asked: once for each PATH of `grader run`.
    Answer: the submissions, in the order in which they are to be graded, or None if this layout is not
        yours. The first answer counts.
    Errors: a GraderError ends the run before anything is graded.
    """


# ---- load ------------------------------------------------------------------------------------------------------


@hookspec(firstresult=True)
def grader_load(assignment: Assignment, path: Path) -> Loaded | None:
    """Make what a student handed in into importable files. Nothing of it may be executed.

    Asked: once a submission, on the trusted side.
    Answer: the files, or None if this kind of path is not yours. The first answer counts.
    Errors: Ungradable, whose problem is one sentence that the student reads. Anything else is this plugin's
        fault: the submission is marked as needing the instructor, and the batch goes on.
    """


# ---- run -------------------------------------------------------------------------------------------------------


@hookspec(firstresult=True)
def grader_sandbox(name: str) -> Sandbox | None:
    """Provide the sandbox of this name (`--sandbox NAME`).

    Asked: once a run.
    Answer: a `grader.work.Sandbox`, or None if the name is not yours.
    Errors: SandboxUnavailable if this machine cannot confine; the run ends before student code runs.
    """


@hookspec
def grader_devices() -> Sequence[Device]:  # type: ignore[empty-body]
    """Say which GPUs this machine has.

    Asked: once a run of an assignment that has a part of tier `gpu`, and never under --pretend-gpu.
    Answer: the GPUs that a check may use, found out without importing torch here; none, if there are none. What all
        plugins answer counts, each GPU once. A check that needs more is pending.
    Errors: an exception ends the run before anything is graded.
    """


@hookspec(firstresult=True)
def grader_execute(jobs: Iterable[Job], sandbox: Sandbox, workers: int) -> Iterator[Verdict] | None:
    """Have every job graded somewhere, and yield the verdicts as they come.

    Asked: once a run, with the jobs whose results are not in the gradebook. They are all of one assignment. Up to
        twice more with those that are unfinished.
    Answer: an iterator of verdicts, one a job, in any order; or None to leave it to the next executor.
    Errors: a job that fails yields an unfinished verdict; an exception ends the run, keeping what was stored.
    """


# ---- score -----------------------------------------------------------------------------------------------------


@hookspec
def grader_adjust_score(assignment: Assignment, submission: Submission, score: Score) -> Adjustment | None:
    """Add or take points for something other than the checks, such as lateness.

    Asked: once a submission, when its checks have been added up.
    Answer: an Adjustment whose reason the student can read, or None. Every plugin's
        adjustment is applied; none sees another's.
    Errors: an exception stops the grading of this submission. A score that a plugin
        failed to adjust is a wrong score, so none is reported.
    """


# ---- report ----------------------------------------------------------------------------------------------------


@hookspec
def grader_run_started(assignment: Assignment, submissions: Sequence[Submission]) -> None:
    """Take note that a run begins (progress displays do)."""


@hookspec
def grader_submission_started(submission: Submission) -> None:
    """Take note that a submission is being graded now."""


@hookspec
def grader_submission_finished(report: Report) -> None:
    """Take note that a submission's report is final and stored."""


@hookspec
def grader_run_finished(gradesheet: Gradesheet) -> None:
    """Take note that the run ended."""


@hookspec(firstresult=True)
def grader_write_report(kind: str, destination: Path, gradesheet: Gradesheet) -> Sequence[Path] | None:
    """Write a report of this kind (`--report KIND=FILE`).

    Asked: once for each `--report`, when the run has ended.
    Answer: the paths that were written, the one to open first; or None if the kind is not yours.
    Errors: a GraderError is printed; the other reports are still written.
    """


@hookspec
def grader_report_kinds() -> Mapping[str, str]:  # type: ignore[empty-body]
    """Name the kinds that this plugin's `grader_write_report` writes, each with a line of help."""


# ---- beside a run ----------------------------------------------------------------------------------------------


@hookspec
def grader_doctor() -> Iterable[Finding]:  # type: ignore[empty-body]
    """Examine this machine for what the plugin needs, by doing it rather than by reading settings.

    Asked: once for `grader doctor`.
    Answer: findings, each with what to do where something is missing.
    """
