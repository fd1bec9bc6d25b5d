"""Right work and no work, handed in as files: graded in the sandbox, by the whole way that submissions go.

The trials of the other rules are judged in trusted forks. This one shows that the same holds for a file.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pluggy import PluginManager

from grader.course import Course
from grader.model import Assignment, Outcome, Report, Status
from grader.pipeline import Options, grade
from grader.proving.bench import solution_files
from grader.proving.proof import Finding, Ruling
from grader.proving.rules.rule import many, named, why

ID = "handed-in"
SAYS = "in the sandbox, as files: the solution and every alternative have full marks, the stub 0"
STUB = "stub"
NOT_DONE = {Outcome.NOT_ATTEMPTED, Outcome.BLOCKED, Outcome.PENDING}
DONE = {Outcome.PASSED, Outcome.PENDING}


def handed_in(manager: PluginManager, course: Course, assignment: Assignment, workers: int) -> Ruling:
    """Grade the files and rule on the reports. Nothing is recorded; a GPU is pretended.

    Raises:
        SandboxUnavailable: where this machine cannot confine what is handed in.
    """
    with tempfile.TemporaryDirectory(prefix="grader-proof-") as folder:
        inbox = Path(folder)
        files = dict(_files(assignment))
        for name, path in files.items():
            shutil.copy(path, inbox / f"{name}.py")
        options = Options(workers=workers, seed=0, feedback="full", pretend_gpu="cpu" if assignment.wants_gpu else "")
        reports = grade(manager, course, assignment, [inbox], gradebook=None, options=options).submissions
    by_name = {Path(report.path).stem: report for report in reports}
    findings = [found for name in files if (found := _finding(name, by_name[name], assignment)) is not None]
    said = f"{many(len(files) - 1, 'right file')} with full marks and the stub with 0, graded in the sandbox"
    spent = sum(report.cpu_seconds for report in reports)
    return Ruling(ID, "" if findings else said, tuple(findings), judgings=len(files), cpu_seconds=spent)


def _files(assignment: Assignment) -> Iterator[tuple[str, Path]]:
    """Yield each file with the name that it is handed in by."""
    reference, *alternatives = solution_files(assignment)
    yield "solution", reference
    yield from ((f"alternative-{path.stem}", path) for path in alternatives)
    yield STUB, assignment.folder / f"{assignment.module}.py"


def _finding(name: str, report: Report, assignment: Assignment) -> Finding | None:
    if report.status is not Status.GRADED:
        problem = f"{name} is {report.status.value}: {report.reason}"
        return Finding(ID, name, problem, f"try grader run {assignment.number} on that file")
    wrong = [check for check in report.checks if check.outcome not in (NOT_DONE if name == STUB else DONE)]
    if not wrong:
        return None
    if name == STUB:
        step = "every region that a student fills in raises NotImplementedError: see grader build"
        return Finding(ID, name, f"the stub gets further than it should at {named(wrong)} ({why(wrong)})", step)
    step = "the sandbox has limits, and forbids what the part forbids: see grader run on this file"
    return Finding(ID, name, f"{name} loses {named(wrong)} in the sandbox ({why(wrong)})", step)
