"""Small reports and verdicts, and gradebooks of either kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.gradebook import Gradebook, open_gradebook
from grader.model import CheckResult, Loaded, Outcome, Report, Status
from grader.work import Verdict

from .postgresql import cluster, postgres  # noqa: F401 fixtures

KEY = "k" * 64


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gradebook.sqlite"


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, file: Path) -> str:
    """The address of an empty gradebook, of either kind."""
    return str(file) if request.param == "sqlite" else request.getfixturevalue("postgres")


@pytest.fixture
def gradebook(where: str) -> Iterator[Gradebook]:
    with open_gradebook(where) as opened:
        yield opened


@pytest.fixture
def loaded() -> Loaded:
    return Loaded(files={"adamw.py": b"def step(): ...\n", "data/x.bin": bytes(range(256))}, entry="adamw.py")


@pytest.fixture
def a_check():
    def make(outcome: Outcome = Outcome.PASSED, **changes) -> CheckResult:
        earned = 10.0 if outcome is Outcome.PASSED else 0.0
        values = {"name": "test_step", "part": "step", "title": "One step.", "points": 10.0, "earned": earned}
        return CheckResult(**values | {"outcome": outcome} | changes)

    return make


@pytest.fixture
def a_report(a_check):
    def make(student: str = "ada", **changes) -> Report:
        values = {"path": f"inbox/{student}.py", "status": Status.GRADED, "earned": 10.0, "pending": 0.0}
        values |= {"possible": 100.0, "digest": "d" * 64, "checks": (a_check(),), "sandbox": "bwrap"}
        return Report(student=student, **values | changes)

    return make


@pytest.fixture
def a_verdict(a_check):
    def make(key: str = KEY, **changes) -> Verdict:
        return Verdict(**{"key": key, "status": Status.GRADED, "checks": (a_check(),)} | changes)

    return make


@pytest.fixture
def record(gradebook: Gradebook, a_report, a_verdict):
    """Record an attempt, of which the test names only what it is about."""

    def make(
        student: str = "ada",
        *,
        verdict=...,
        key: str = KEY,
        assignment: str = "08_adamw",
        only="",
        loaded=None,
        **report,
    ):
        verdict = a_verdict(key) if verdict is ... else verdict
        made = a_report(student, **report)
        seed = b"\x07" * 16
        return gradebook.record(made, verdict, assignment=assignment, key=key, seed=seed, loaded=loaded, only=only)

    return make
