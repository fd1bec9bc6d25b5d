"""A pytest session over one solution folder, in this process: its hidden checks collected, and work done with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

import pytest

from grader.errors import CheckDefect
from grader.referee.judge import hear
from grader.referee.server import OPTIONS

Result = TypeVar("Result")

SILENT = ("unraisableexception", "junitxml")


def in_session(folder: Path, work: Callable[[pytest.Session], Result], *options: str) -> Result:
    """Collect the hidden checks of a folder and return what `work` makes of the session.

    Raises:
        CheckDefect: if there are none, or they cannot be collected.
    """
    loop = _Loop(work)
    quiet = [f"-pno:{name}" for name in SILENT]
    place = ["-c", os.devnull, "--rootdir", str(folder)]
    with alone():
        pytest.main([*OPTIONS, *quiet, *place, "-p", "grader.referee.plugin", *options, str(folder)], plugins=[loop])
    if loop.refused is not None:
        raise loop.refused
    if not loop.results:
        said = "\n".join(dict.fromkeys(loop.problems)) or "there are no hidden checks"
        raise CheckDefect(said, place=str(folder))
    return loop.results[0]


class _Loop(Generic[Result]):
    """The pytest plugin that works in place of pytest's own loop over the tests."""

    def __init__(self, work: Callable[[pytest.Session], Result]) -> None:
        self.work = work
        self.results: list[Result] = []
        self.problems: list[str] = []
        self.refused: BaseException | None = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be collected."""
        if report.failed:
            self.problems.append(str(report.longrepr))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self) -> Iterator[None]:
        """Keep why the checks cannot work."""
        try:
            yield
        except pytest.UsageError as error:
            self.refused = error.__cause__
            raise

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Tell the judge what a check raised."""
        hear(item, call)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Work, and keep what was refused: pytest would print it as an error of its own."""
        if not self.problems and session.items:
            try:
                self.results.append(self.work(session))
            except BaseException as error:
                self.refused = error
        return True


@contextmanager
def alone() -> Iterator[None]:
    """Keep other pytest plugins of this machine out, as the server does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        yield
