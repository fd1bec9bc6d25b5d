"""The pytest plugin: makes `test_hidden*.py` of a solution folder into hidden checks.

A plain `pytest solutions/03_stochastic_approximation` runs them on the solution, or on `--candidate FILE`, in trusted
forks. The server (server.py) runs the same items on submissions in sandboxes. Where no hidden check is collected,
this plugin does nothing and imports nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


MARKERS = (
    "check(part, points, after): a hidden check of a part of the assignment",
    "limits(seconds, memory): what one call of this check may use",
    "shown: the student may read what an assert of this check says",
    "gpu(count, memory, shared, precision): needs GPUs, and is pending on a machine without them",
    "ddp(nprocs): how many ranks candidate.launch() and same.launch() of this check have",
    "careless(kind, ...): this check names a carelessness, and is lost by it: dtype, inputs",
)
FIXTURES = "grader.referee.fixtures"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--candidate`."""
    group = parser.getgroup("grader", "hidden checks")
    group.addoption(
        "--candidate", type=Path, metavar="FILE", help="run hidden checks on this module (trusted: no sandbox)"
    )
    group.addoption("--pretend-gpu", choices=["cpu"], help="run hidden checks that need a GPU there")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    for line in MARKERS:
        config.addinivalue_line("markers", line)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect a hidden file with its folder's modules importable."""
    if not module_path.name.startswith("test_hidden") or not _of_a_course(module_path.parent):
        return None
    from grader.referee.hidden import HiddenModule

    if not parent.config.pluginmanager.has_plugin(FIXTURES):
        parent.config.pluginmanager.import_plugin(FIXTURES)
    module: pytest.Module = HiddenModule.from_parent(parent, path=module_path)
    return module


def _of_a_course(folder: Path) -> bool:
    """Whether a folder is the secret half of an assignment: it has probes, or a handout."""
    handout = folder.parent.parent / "assignments" / folder.name / "assignment.toml"
    return (folder / "probes.py").exists() or handout.exists()


@pytest.hookimpl(tryfirst=True)  # all checks, before `-k` and its like leave some out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Read the checks, put them in order, and make ready to run them on the solution."""
    if config.pluginmanager.has_plugin(FIXTURES):
        from grader.referee.hidden import arrange

        arrange(config, items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note which checks were asked for."""
    if session.config.pluginmanager.has_plugin(FIXTURES):
        from grader.referee.hidden import leave_out

        leave_out(session)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Note which checks have passed, for those that come after them."""
    report = yield
    if item.config.pluginmanager.has_plugin(FIXTURES) and item.get_closest_marker("check"):
        from grader.referee.hidden import note

        note(item, call)
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the checks have started."""
    if config.pluginmanager.has_plugin(FIXTURES):
        from grader.referee.hidden import finish

        finish(config)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Hold back a check that comes after one that did not pass."""
    if item.config.pluginmanager.has_plugin(FIXTURES) and item.get_closest_marker("check"):
        from grader.referee.hidden import hold_back

        hold_back(item)
