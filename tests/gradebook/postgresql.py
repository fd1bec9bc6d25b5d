"""A PostgreSQL of our own, where its programs are installed. A conftest.py imports the two fixtures."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


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
