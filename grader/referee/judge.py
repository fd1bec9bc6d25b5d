"""Runs the checks on one submission and says how each ended, and whose fault that was."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from _pytest.runner import runtestprotocol

from grader.checks import CheckFailed
from grader.errors import DeviceFault, GraderError, SandboxUnavailable
from grader.model import CheckResult, Diagnosis, Outcome
from grader.referee import budgets, margins
from grader.referee.asked import deciding, told
from grader.referee.faults import StudentFault
from grader.referee.grading import Grading
from grader.referee.hidden import Blocked
from grader.referee.respondent import Differs, Student
from grader.referee.suite import Check
from grader.teaching.diagnosis import NOTHING
from grader.teaching.language import speaking
from grader.teaching.leaks import Hidden
from grader.teaching.phrases import LANGUAGES, OUTCOMES

CHECKER = "the answer is not of a kind that this check can use"
OURS = "this check broke; the instructor has been told"
LONGEST_DETAIL = 4000
PYTESTS_OWN = {"_pytest", "pluggy"}
BEYOND_DOUBT = {Outcome.NOT_ATTEMPTED, Outcome.FORBIDDEN}  # the reference is not tried: it plays no part in these
STUDENTS = {  # what came of the student's own code, so that they are told what was asked of it
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.TIMEOUT,
    Outcome.MEMORY,
    Outcome.CRASHED,
    Outcome.FORBIDDEN,
}
EXPLAINED = {Outcome.FAILED, Outcome.ERROR, Outcome.TIMEOUT}  # the last where ranks waited for each other

Raised = pytest.ExceptionInfo[BaseException] | None


def judge(grading: Grading, items: Sequence[pytest.Item], *, only: str, language: str) -> tuple[CheckResult, ...]:
    """Run the checks, and those that they come after; return the results of the ones that were asked for."""
    wanted = [item for item in items if selected(grading.check(item), only)]
    needed = _with_predecessors(grading, items, wanted)
    results = {}
    with speaking(language):
        for number, item in enumerate(needed):
            following = needed[number + 1] if number + 1 < len(needed) else None
            results[item.nodeid] = _result(grading, item, following, language)
    return tuple(results[item.nodeid] for item in wanted)


def selected(check: Check, only: str) -> bool:
    """Whether `only` asks for this check: one of its lines is its part, one of its marks, or its own name."""
    return not only or not {check.part.id, check.name, check.family, *check.marks}.isdisjoint(only.split("\n"))


def _with_predecessors(
    grading: Grading, items: Sequence[pytest.Item], wanted: Sequence[pytest.Item]
) -> list[pytest.Item]:
    families = {grading.check(item).family for item in wanted}
    while True:
        more = {name for item in items if grading.check(item).family in families for name in grading.check(item).after}
        if more <= families:
            return [item for item in items if grading.check(item).family in families]
        families |= more


def _result(grading: Grading, item: pytest.Item, following: pytest.Item | None, language: str) -> CheckResult:
    check = grading.check(item)
    started, used = time.monotonic(), grading.cpu_seconds
    with budgets.collected() as growths, margins.kept(grading.margins, check.name):
        raised = _run(item, following)
    if raised is not None and isinstance(raised.value, SandboxUnavailable | DeviceFault):
        raise raised.value  # nothing can be said of this submission
    grading.leave_gpu(in_doubt=raised is not None and not _on_the_face_of_it(raised.value))
    answered, calls, hidden = grading.asked, grading.calls(item), None if raised is None else grading.hidden(item)
    outcome, message, detail = _outcome(raised, shown=check.shown)
    if outcome is Outcome.PENDING:
        message = grading.lacks(item, language) or message
    waits_for = grading.missing(item) if outcome is Outcome.BLOCKED else []
    if waits_for and all(grading.outcomes[name] <= {Outcome.PASSED, Outcome.PENDING} for name in waits_for):
        outcome = Outcome.PENDING  # of what it waits for, nothing was lost
    if raised is not None and _doubtful(outcome, raised) and _reference_fails(grading, item, following):
        outcome, message, detail = Outcome.INVALID, OURS, f"the reference fails this check too\n{detail}"
        grading.failed.add(check.family)
    grading.outcomes.setdefault(check.family, set()).add(outcome)
    found = NOTHING
    if outcome in EXPLAINED and answered is not None:
        whole = grading.passed - grading.failed  # families of which no case has failed
        found = grading.bank.diagnose(check.part, answered.record, passed=whole, language=language)
    diagnosis, asked = found.diagnosis, ""
    if raised is not None and hidden is not None and outcome in STUDENTS:
        asked = told(deciding(calls, raised.value), grading.suite, hidden.values(), language)
    if hidden is not None:
        message, diagnosis, detail = _withheld(grading, hidden, (outcome, message, diagnosis, detail), language)
    title = grading.suite.titles.get(check.family, check.title) if language == "zh" else check.title
    return CheckResult(
        name=check.name,
        part=check.part.id,
        title=title + check.name.removeprefix(check.family).replace("[", " (").replace("]", ")"),
        points=check.points,
        earned=check.points if outcome is Outcome.PASSED else 0.0,
        outcome=outcome,
        message=message,
        diagnosis=diagnosis,
        seconds=time.monotonic() - started,
        cpu_seconds=grading.cpu_seconds - used,
        detail=detail[:LONGEST_DETAIL],
        after=tuple(c.name for c in grading.checks.values() if c.family in (waits_for or check.after)),
        growths=tuple(growths),
        asked=asked,
        nearest=found.nearest,
    )


def _withheld(
    grading: Grading, hidden: Mapping[str, Hidden], said: tuple[Outcome, str, Diagnosis | None, str], language: str
) -> tuple[str, Diagnosis | None, str]:
    """Keep from the student what holds a hidden value, and tell the instructor. Nothing is scored differently."""
    outcome, message, diagnosis, detail = said
    why = []
    for kind, values in hidden.items():
        if found := values.found_in(message, grading.suite.named):
            why.append(f"withheld from the student: it holds {kind} ({found}): {message}")
            message = OUTCOMES[outcome.value][1][LANGUAGES.index(language) if language in LANGUAGES else 0]
        if diagnosis and (found := values.found_in(diagnosis.hint, grading.suite.named)):
            why.append(f"withheld from the student: it holds {kind} ({found}): {diagnosis.hint}")
            diagnosis = Diagnosis(diagnosis.misconception, "")
    return message, diagnosis, "\n".join([*why, detail]) if why else detail


def _run(item: pytest.Item, following: pytest.Item | None) -> Raised:
    """Run one item and return what it raised. It can be run again afterwards."""
    cast(Any, item)._initrequest()
    with _listening(item) as heard:
        runtestprotocol(item, log=False, nextitem=following)
    return next((raised for raised in heard if raised is not None), None)


@contextmanager
def _listening(item: pytest.Item) -> Any:
    heard: list[Raised] = []
    item.stash[HEARD] = heard
    yield heard


HEARD: pytest.StashKey[list[Raised]] = pytest.StashKey()


def hear(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Take note of what a phase of an item raised; the server's plugin passes it on."""
    if HEARD in item.stash:
        item.stash[HEARD].append(call.excinfo)


def _outcome(raised: Raised, *, shown: bool) -> tuple[Outcome, str, str]:
    if raised is None:
        return Outcome.PASSED, "", ""
    error = raised.value
    if isinstance(error, Blocked):
        return Outcome.BLOCKED, str(error), ""
    if isinstance(error, StudentFault):
        return error.outcome, error.message, error.detail
    if isinstance(error, GraderError) and isinstance(error.__cause__, StudentFault):
        return Outcome.INVALID, OURS, _detail(raised)  # the reference's fork crashed or took too long
    if isinstance(error, CheckFailed):
        return Outcome.FAILED, str(error), _detail(raised)
    if isinstance(error, pytest.skip.Exception):
        return Outcome.PENDING, str(error), ""
    if isinstance(error, AssertionError):
        said = str(error).splitlines()[0] if shown and str(error) else "what this check demands does not hold"
        return Outcome.FAILED, said, _detail(raised)
    return Outcome.FAILED, CHECKER, _detail(raised)


def _detail(raised: pytest.ExceptionInfo[BaseException]) -> str:
    raised.traceback = raised.traceback.filter(lambda entry: not PYTESTS_OWN & set(Path(entry.path).parts))
    return str(raised.getrepr(style="native"))


def _on_the_face_of_it(error: BaseException) -> bool:
    """Whether no machine can have brought this about: it was not written, or calls what is ruled out."""
    return isinstance(error, StudentFault) and error.outcome in BEYOND_DOUBT


def _doubtful(outcome: Outcome, raised: pytest.ExceptionInfo[BaseException]) -> bool:
    """Whether the check itself could be at fault. `same` has just shown that the reference answers."""
    if isinstance(raised.value, Differs | Blocked) or outcome in BEYOND_DOUBT:
        return False
    return outcome not in (Outcome.PENDING, Outcome.INVALID)


def _reference_fails(grading: Grading, item: pytest.Item, following: pytest.Item | None) -> bool:
    """Try the check on the reference, with the same inputs."""
    student: Student = grading.student
    passed, failed = set(grading.passed), set(grading.failed)
    grading.student = grading.known
    try:
        return _run(item, following) is not None
    finally:
        grading.student = student
        grading.passed, grading.failed = passed, failed
