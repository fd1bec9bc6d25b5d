"""The referee of one submission: a fork of the warm server that owns its sandbox and ends with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from grader.errors import GraderError
from grader.model import Outcome, Status
from grader.referee.entry import Entry
from grader.referee.faults import StudentFault, clean
from grader.referee.gpus import Submitted
from grader.referee.grading import GRADINGS, Grading
from grader.referee.hidden import suite_of
from grader.referee.judge import judge
from grader.referee.leases import Leases
from grader.referee.sandboxed import Sandboxed
from grader.referee.suite import Check, Suite
from grader.referee.task import Task
from grader.wire.protocol import Load
from grader.work import Verdict

MOST_OUTPUT = 4000


class Referee:
    """Judges submissions with one suite; `enter` makes a sandbox."""

    def __init__(
        self,
        suite: Suite,
        checks: dict[str, Check],
        items: Sequence[pytest.Item],
        enter: Callable[..., Entry],
        leases: Leases | None = None,
    ):
        self.suite = suite
        self.checks = checks
        self.items = items
        self.enter = enter
        self.leases = leases or Leases(())
        self.limits = suite.assignment.limits
        probes = suite.folder / "probes.py"
        self.probes = probes.read_bytes() if probes.exists() else b""

    def verdict(self, task: Task) -> Verdict:
        """Judge one submission; whatever breaks on our side is a verdict too."""
        started = time.monotonic()
        student = self._student(task)
        try:
            return self._judged(task, student, started)
        except StudentFault as fault:
            return self._unloaded(task, fault, student, started)
        except GraderError as error:
            return Verdict(task.key, Status.UNFINISHED, reason=error.problem, seconds=time.monotonic() - started)
        finally:
            student.close()

    def _student(self, task: Task) -> Sandboxed:
        load = Load(task.files, task.entry, self.suite.assignment.module, self.probes)
        return Sandboxed(lambda: self.enter(self.limits), load, self.limits)

    def _submitted(self, task: Task, load: Load) -> Submitted:
        return Submitted(task.key, task.seed, load, self.limits, self.enter, self.leases)

    def _judged(self, task: Task, student: Sandboxed, started: float) -> Verdict:
        loaded = student.load()
        printed = student.printed[:MOST_OUTPUT]  # before any input was drawn
        grading = Grading(
            self.suite,
            self.checks,
            student,
            task.seed,
            files=task.files,
            devices=self.leases.devices,
            on_gpu=self._submitted(task, student.request).on_gpu,
        )
        self.items[0].config.stash[GRADINGS] = {str(self.suite.folder): grading}
        try:
            results = judge(grading, self.items, only=task.only, language=task.language)
        finally:
            grading.close()
        student.close()
        return Verdict(
            task.key,
            Status.GRADED,
            results,
            notes=tuple(clean(note) for note in loaded.notes),
            output=printed,
            seconds=time.monotonic() - started,
            cpu_seconds=student.cpu_seconds,
        )

    def _unloaded(self, task: Task, fault: StudentFault, student: Sandboxed, started: float) -> Verdict:
        """The module could not be imported: one sentence that says why."""
        what = f"{task.entry} could not be imported: {fault.message}"
        if fault.outcome is Outcome.NOT_ATTEMPTED:
            what = f"{task.entry} raises NotImplementedError when it is imported; leave that to the functions"
        return Verdict(
            task.key,
            Status.UNGRADABLE,
            reason=what,
            output=student.printed[:MOST_OUTPUT],
            seconds=time.monotonic() - started,
        )


def suite_and_checks(items: Sequence[pytest.Item]) -> tuple[Suite, dict[str, Check]]:
    """Return what `arrange` made of a collection of one folder."""
    gradings: dict[str, Any] = items[0].config.stash[GRADINGS]
    (grading,) = gradings.values()
    return suite_of(items[0].path.parent), grading.checks
