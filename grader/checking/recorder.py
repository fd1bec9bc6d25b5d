"""The pytest plugin that keeps what came of each public check."""

from __future__ import annotations

import inspect
from collections.abc import Generator
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from grader.checking.deadline import deadline
from grader.checking.judging import message_of, outcome_of, step_for, where
from grader.checking.places import definition, in_file
from grader.checking.results import Place, PublicCheck, PublicRun
from grader.checking.student import Student
from grader.checking.subject import names_used, part_number
from grader.model import Assignment, Outcome


class Wanted(Struct, frozen=True):
    """What a student asked for."""

    only: str = ""  # the name of a check
    seconds: float | None = None  # for each check
    alone: str = ""  # how to run one check by itself, but for its name


class Recorder:
    """Keeps one PublicCheck a function: of a parametrized one, the first case that did not pass."""

    def __init__(self, assignment: Assignment, student: Student, wanted: Wanted) -> None:
        self.assignment, self.student, self.wanted = assignment, student, wanted
        self.names: list[str] = []
        self.checks: dict[str, PublicCheck] = {}
        self.broken = ""  # the place and the problem, where test_public.py cannot be collected
        self.running: pytest.Function | None = None
        self.stopped: tuple[str, Place | None] = ("", None)

    def result(self, subject: str) -> PublicRun:
        """Return what was recorded."""
        title, place = self.stopped
        checks = tuple(self.checks.values())
        return PublicRun(self.assignment, subject, checks, self.student.notes, stopped=title, stopped_at=place)

    # ---- what pytest tells -------------------------------------------------------------------------------------

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember why the file could not be collected."""
        if report.failed and not self.broken:
            self.broken = str(report.longrepr).strip()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave only the check that was asked for."""
        self.names = list(dict.fromkeys(name_of(item) for item in items))
        only = self.wanted.only.removeprefix("test_")
        items[:] = [item for item in items if only in ("", name_of(item))]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Function) -> Generator[None, None, None]:
        """Stop a check that takes too long."""
        self.running = item
        with deadline(self.wanted.seconds):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Function, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep what a check came to: its call, or the set-up that failed before it."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        if call.when == "call" or error is not None:
            self._keep(item, error, report.capstdout)
        return report

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember which check Ctrl-C stopped, and where it was."""
        if self.running is not None:
            self.stopped = (title_of(self.running), where(excinfo.value, self.student.locate))

    # ---- what is kept ------------------------------------------------------------------------------------------

    def _keep(self, item: pytest.Function, error: BaseException | None, printed: str) -> None:
        name = name_of(item)
        known = self.checks.get(name)
        if known is not None and (known.outcome is not Outcome.PASSED or error is None):
            return
        used = names_used(item.function) | _names_in_case(item)
        part = part_number(name, used, self.assignment)
        check = PublicCheck(name, title_of(item), part, Outcome.PASSED)
        self.checks[name] = check if error is None else self._failed(check, item, error, printed, used)

    def _failed(
        self, check: PublicCheck, item: pytest.Function, error: BaseException, printed: str, used: frozenset[str]
    ) -> PublicCheck:
        outcome = outcome_of(error, self.student.locate)
        message, detail = message_of(error)
        wanted = self.assignment.parts[check.part - 1].names if check.part else ()
        names = [name.partition(".")[0] for name in wanted if name.partition(".")[0] in used]
        place = where(error, self.student.locate) or definition(self.student.module, names, self.student.locate)
        return msgspec.structs.replace(
            check,
            outcome=outcome,
            message=message,
            detail=detail,
            case=_case_of(item),
            student=place,
            check=where(error, in_file(item.path)),
            printed=printed.rstrip(),
            step=step_for(outcome, check.part, f"{self.wanted.alone} {check.name}"),
        )


def name_of(item: pytest.Item) -> str:
    """Return a check's name without `test_`, without its case."""
    name = getattr(item, "originalname", None) or item.name
    return str(name).removeprefix("test_")


def title_of(item: pytest.Function) -> str:
    """Return the first line of a check's docstring, else its name in words."""
    lines = (inspect.getdoc(item.function) or "").splitlines()
    return lines[0].rstrip(".") if lines and lines[0] else name_of(item).replace("_", " ")


def _names_in_case(item: Any) -> frozenset[str]:
    """Return the names of the functions and classes that a case is about."""
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return frozenset(value.__name__ for value in values if hasattr(value, "__name__"))


def _case_of(item: Any) -> str:
    return item.callspec.id if hasattr(item, "callspec") else ""
