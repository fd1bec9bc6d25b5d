"""The hidden checks of an assignment, collected once, and any trusted module judged by them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import msgspec
import pytest
import torch

from grader.errors import CheckDefect
from grader.model import Assignment, CheckResult
from grader.proving.session import in_session
from grader.referee.grading import GRADINGS, Grading, current
from grader.referee.judge import judge, selected
from grader.referee.margins import Margin
from grader.referee.submission import suite_and_checks
from grader.referee.suite import Check, Suite
from grader.referee.trusted import Trusted
from grader.wire.linux import collapse_memory

Result = TypeVar("Result")
Results = Mapping[str, CheckResult]  # by the check's name


class Bench:
    """What judges trusted modules. Each is asked in forks, so that it cannot change what is judged after it."""

    def __init__(self, items: Sequence[pytest.Item]) -> None:
        self.suite: Suite
        self.checks: dict[str, Check]
        self.suite, self.checks = suite_and_checks(items)
        self.items = items
        self.stash = items[0].config.stash
        self.devices = self.stash[GRADINGS][str(self.suite.folder)].devices
        self.scripted: set[str] = set()  # checks that have run a file under torchrun, which takes seconds

    @property
    def assignment(self) -> Assignment:
        """The assignment whose checks these are."""
        return self.suite.assignment

    def judged(
        self,
        module: ModuleType,
        seed: bytes,
        *,
        parts: Collection[str] | None = None,
        only: Collection[str] = (),
        without: Collection[str] = (),
        diagnose: bool = True,
        seconds: float | None = None,
        lasting: bool = False,
        margins: dict[str, list[Margin]] | None = None,
    ) -> Results:
        """Judge a module by the checks of these parts, or all; return the results by name.

        `only` names checks, families or marks; `without` names checks that are left out, and that no other then waits
        for. `seconds` is the most that a call may take, where that is less than what the check allows. Without
        `diagnose` no misconception is asked, which is the most of the time. `margins` is filled with how much of each
        limit was used, by check. `lasting`: one fork answers all calls, which is fast, and right
        for a module that no call leaves changed.
        """
        checks = {node: _hasty(check, seconds) for node, check in self.checks.items()}
        items = [item for item in self.items if checks[item.nodeid].name not in without]
        wanted = {
            check.name
            for check in (checks[item.nodeid] for item in items)
            if (parts is None or check.part.id in parts) and selected(check, "\n".join(only))
        }
        if not wanted:
            return {}
        asked = Trusted([module], self.suite.probes, str(self.suite.folder), lasting=lasting)
        grading = Grading(self.suite, checks, asked, seed, devices=self.devices)
        if not diagnose:
            grading.bank.silent = True
        grading.margins = margins
        grading.awaited = {checks[item.nodeid].family for item in items}
        self.stash[GRADINGS] = {str(self.suite.folder): grading}
        try:
            results = judge(grading, items, only="\n".join(wanted), language="en")
            return {result.name: result for result in results if result.name in wanted}
        finally:
            asked.close()
            grading.close()

    def notice(self, item: pytest.Item) -> None:
        """Note whether the check that has just run asked for a file to be run under torchrun."""
        of, hearings = current(item).hearings
        if of is item and any(call.script for _, hearing in hearings for call in hearing.calls):
            self.scripted.add(self.checks[item.nodeid].name)


def _hasty(check: Check, seconds: float | None) -> Check:
    return check if seconds is None else msgspec.structs.replace(check, seconds=min(seconds, check.seconds))


def at_bench(assignment: Assignment, work: Callable[[Bench], Result], *, pretend_gpu: bool = True) -> Result:
    """Collect the hidden checks of an assignment and return what `work` makes of the bench.

    Checks that need a GPU run on the CPU in its place, unless they shall be pending.

    Raises:
        CheckDefect: if there are none, or they cannot be collected.
    """
    folder = assignment.solution
    if folder is None:
        raise CheckDefect("there is no solution to prove checks with", place=str(assignment.folder))
    torch.set_num_threads(1)  # before any operation: a fork of a process whose OpenMP pool has run hangs
    pretended = ["--pretend-gpu", "cpu"] if pretend_gpu else []
    return in_session(folder, lambda session: work(_made_ready(session)), *pretended)


def _made_ready(session: pytest.Session) -> Bench:
    gc.collect()
    gc.freeze()
    collapse_memory()  # a fork is then three times cheaper
    bench = Bench(session.items)
    session.config.pluginmanager.register(_Notes(bench))
    return bench


class _Notes:
    """The pytest plugin that has a bench notice what the checks ask for."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Note it after the check itself, before what its fixtures do at its end."""
        if call.when == "call":
            self.bench.notice(item)


def solution_files(assignment: Assignment) -> tuple[Path, ...]:
    """Return the files that must get full marks: the reference, then each alternative."""
    assert assignment.solution is not None
    return (
        assignment.solution / f"{assignment.module}.py",
        *sorted((assignment.solution / "alternatives").glob("*.py")),
    )
