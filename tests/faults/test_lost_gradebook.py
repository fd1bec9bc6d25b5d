"""A gradebook that is locked, deleted or cut off in a run: an error says so, and the same command completes it."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from grader.gradebook import open_gradebook
from grader.gradebook.address import address

from .conftest import RIGHT, Course
from .running import Running

CLASS = [f"student{number}" for number in range(8)]
ALL = dict.fromkeys(CLASS, ("graded", 100.0))
SLOWLY = f"import time; time.sleep(0.3)\n{RIGHT}"
IMPATIENT = """
import sys
from grader.cli import main
from grader.gradebook import open_gradebook
open_gradebook.__wrapped__.__kwdefaults__["patience"] = 0.2
sys.argv = sys.argv[1:]
main()
"""


@pytest.fixture
def whole_class(course: Course) -> Course:
    for student in CLASS:
        course.hand_in(student, f"{SLOWLY}\n# {student}\n")
    return course


def begun(run: Running) -> Running:
    """Wait until the first two are reported, and so recorded."""
    assert run.process.stderr is not None
    for _ in range(2):
        assert "100/100" in run.process.stderr.readline()
    return run


def refused(run: Running) -> str:
    """Return what a run said that could not go on."""
    done = run.finish()
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert run.left() == {}
    return done.stderr


def completed(course: Course, db: object = None) -> str:
    done = course.run(db=db).finish()
    assert done.returncode == 0, done.stderr
    return done.stdout


def delete(book: Path) -> Path:
    book.unlink()
    return book


def delete_all(book: Path) -> Path:
    for file in book.parent.glob(f"{book.name}*"):
        file.unlink()
    return book


def replace(book: Path) -> Path:
    with open_gradebook(book.with_name("another")):
        pass
    return book.with_name("another").replace(book)


@pytest.mark.parametrize("lose", [delete, delete_all, replace])
def test_a_gradebook_that_is_gone_ends_the_run_and_is_made_anew(whole_class: Course, lose: Callable[[Path], Path]):
    run = begun(whole_class.run())
    lose(whole_class.book)
    said = refused(run)
    assert "gradebook: the gradebook was deleted, moved or replaced while it was open" in said
    assert f"\n  in   {whole_class.book}\n  try  put it back" in said
    assert f"{len(CLASS)} submissions" in completed(whole_class)
    assert whole_class.scores() == ALL


def test_a_gradebook_whose_folder_is_moved_has_all_that_was_reported_when_it_is_put_back(whole_class: Course):
    folder = whole_class.folder.parent / "books"
    book = folder / "book.sqlite"
    run = begun(whole_class.run(db=book))
    folder.rename(folder.with_name("elsewhere"))
    assert f"\n  in   {book}\n" in refused(run)
    folder.with_name("elsewhere").rename(folder)
    kept = whole_class.scores(book)
    assert 2 <= len(kept) < len(CLASS)
    assert f"{len(kept)} from the gradebook" in completed(whole_class, book)
    assert whole_class.scores(book) == ALL


def test_a_gradebook_that_another_program_keeps_locked_ends_the_run_and_keeps_what_it_has(whole_class: Course):
    run = begun(whole_class.run(prefix=(sys.executable, "-c", IMPATIENT)))
    with locked(whole_class.book):
        said = refused(run)
    assert "gradebook: another process has kept the gradebook locked" in said
    assert f"\n  in   {whole_class.book}\n  try  wait until it ends" in said
    assert 2 <= len(whole_class.scores()) < len(CLASS)
    completed(whole_class)
    assert whole_class.scores() == ALL


@contextmanager
def locked(book: Path) -> Iterator[None]:
    with closing(sqlite3.connect(book)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_a_postgresql_that_ends_our_connection_now_and_then_is_asked_again_or_ends_the_run(
    whole_class: Course, postgres: str
):
    run = begun(whole_class.run(db=postgres))
    ask(postgres, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    done = run.finish()
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or "the database ended the connection" in done.stderr
    completed(whole_class, postgres)
    assert whole_class.scores(postgres) == ALL


def test_a_postgresql_that_accepts_nobody_any_more_ends_the_run_and_the_same_command_completes_it(
    whole_class: Course, postgres: str
):
    run = begun(whole_class.run(db=postgres))
    name = address(postgres).database
    elsewhere = str(address(postgres).set(database="template1").render_as_string(hide_password=False))
    ask(elsewhere, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    ask(elsewhere, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    said = refused(run)
    assert said.splitlines()[-3].startswith("gradebook: the database")
    assert said.splitlines()[-1].startswith("  try  ")
    ask(elsewhere, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert 2 <= len(whole_class.scores(postgres)) < len(CLASS)
    completed(whole_class, postgres)
    assert whole_class.scores(postgres) == ALL


def ask(where: str, statement: str) -> None:
    engine = create_engine(address(where), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
