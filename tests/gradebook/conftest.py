"""Small reports and verdicts, and a PostgreSQL of our own where its programs are installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.gradebook import Gradebook, open_gradebook
from grader.model import CheckResult, Loaded, Outcome, Report, Status
from grader.work import Verdict

KEY = "k" * 64


def _programs() -> Path | None:
    """Where `initdb` is: Debian keeps it out of PATH."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: name somebody else where we are."""
    if os.geteuid() != 0:
        return None
    return next(user.pw_name for user in pwd.getpwall() if user.pw_name in ("postgres", "nobody"))


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The socket folder of a running PostgreSQL that holds nothing."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (pip install 'dlgrader[postgres]')")
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL's initdb is not installed (Debian: apt-get install postgresql)")
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path is at most 107 bytes
    if user is not None:
        shutil.chown(folder, user)

    def control(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        done = subprocess.run(command, user=user, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        control("initdb", "-U", "grader", "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=20"
        control("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", settings)
        yield str(folder)
        control("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(cluster: str) -> str:
    """The URL of a database with nothing in it."""
    import psycopg

    with psycopg.connect(host=cluster, user="grader", dbname="postgres") as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return f"postgresql://grader@/postgres?host={cluster}"


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
