"""Hidden checks as pytest collects and runs them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from _pytest.outcomes import Skipped

from grader.errors import GraderError
from grader.hardware import PRETENDED_DEVICES
from grader.referee.collection import in_order, parsed, read_checks
from grader.referee.grading import GRADINGS, Grading, current
from grader.referee.suite import Suite
from grader.referee.trusted import Trusted

AUTHORS_SEED = b"the inputs of an author's own run"


@cache
def suite_of(folder: Path) -> Suite:
    """Return the suite of a solution folder, imported once."""
    return Suite(folder)


class HiddenModule(pytest.Module):
    """A file of hidden checks: `import probes` means the probes.py beside it."""

    def _getobj(self) -> Any:
        try:
            for path in self.path.parent.glob("*.py"):
                parsed(path)
            with suite_of(self.path.parent).importing():
                return super()._getobj()  # type: ignore[no-untyped-call]
        except GraderError as error:
            raise self.CollectError(str(error)) from error

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Collect what this file itself defines: a check imported for `after` runs where it was written."""
        here = self.obj.__name__
        return [node for node in super().collect() if getattr(getattr(node, "obj", None), "__module__", here) == here]


class Blocked(Skipped):
    """A check that comes after one that did not pass."""


def arrange(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Read the checks of each folder, put each behind those that it comes after, and prepare a trusted grading."""
    gradings: dict[str, Grading] = {}
    config.stash[GRADINGS] = gradings
    hidden = [item for item in items if item.getparent(HiddenModule) is not None]
    ordered: list[pytest.Item] = [item for item in items if item.getparent(HiddenModule) is None]
    try:
        for folder in sorted({item.path.parent for item in hidden}):
            suite = suite_of(folder)
            own = [item for item in hidden if item.path.parent == folder]
            checks = read_checks(suite, own)
            ordered += in_order(own, checks)
            devices = PRETENDED_DEVICES if config.getoption("--pretend-gpu") else ()
            gradings[str(folder)] = Grading(suite, checks, _author(config, suite), AUTHORS_SEED, devices=devices)
    except GraderError as error:
        raise pytest.UsageError(str(error)) from error
    items[:] = ordered


def _author(config: pytest.Config, suite: Suite) -> Trusted:
    path = config.getoption("--candidate")
    module = suite.reference if path is None else suite.load_candidate(path)
    return Trusted([module], suite.probes, str(suite.folder))


def leave_out(session: pytest.Session) -> None:
    """Have no check wait for one that was not asked for (`-k`, one file of several)."""
    for grading in session.config.stash[GRADINGS].values():
        grading.awaited = {
            grading.checks[item.nodeid].family for item in session.items if item.nodeid in grading.checks
        }


def finish(config: pytest.Config) -> None:
    """End the references' forks."""
    for grading in config.stash.get(GRADINGS, {}).values():
        grading.close()


def hold_back(item: pytest.Item) -> None:
    """Skip a check whose predecessors have not passed."""
    grading = current(item)
    grading.asked = None
    if missing := grading.missing(item):
        raise Blocked(f"comes after {', '.join(missing)}")
    if lacking := grading.lacks(item):
        pytest.skip(lacking)


def note(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Remember whether a check has passed."""
    if call.when == "call" or call.excinfo is not None:
        current(item).settle(item, call.excinfo is None)
