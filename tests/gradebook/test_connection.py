import os
import sqlite3
import stat
import sys
from contextlib import closing

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from grader.errors import GradebookError
from grader.gradebook import connection as connection_module
from grader.gradebook import open_gradebook
from grader.gradebook.address import address
from grader.gradebook.faults import KNOWN, explain


def refused(where, **how):
    """Return the error of a gradebook that cannot be opened; every one of them has a next step."""
    with pytest.raises(GradebookError) as caught, open_gradebook(where, **how):
        pass
    assert caught.value.place
    assert caught.value.step
    return caught.value


def sql(file, statement):
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(statement).fetchall()


# ---- what works ----------------------------------------------------------------------------------------------------


def test_a_new_gradebook_is_its_owners_alone(file, a_report, a_verdict):
    before = os.umask(0)
    try:
        with open_gradebook(file) as gradebook:
            gradebook.record(a_report(), a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {file.name: 0o600, f"{file.name}-wal": 0o600, f"{file.name}-shm": 0o600}


def test_the_mode_that_a_gradebook_was_given_is_left_alone(file):
    with open_gradebook(file):
        pass
    file.chmod(0o640)
    with open_gradebook(file):
        pass
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_makes_the_folder_that_it_is_to_be_in(tmp_path):
    with open_gradebook(tmp_path / ".grader" / "gradebook.sqlite") as gradebook:
        assert gradebook.attempts() == []


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}", "sqlite+pysqlite:///{}", "sqlite:///file:{}?uri=true"])
def test_a_file_may_be_named_by_its_path_or_by_a_url(file, form):
    with open_gradebook(form.format(file)):
        pass
    assert sql(file, "SELECT version FROM gradebook") == [(1,)]


def test_a_gradebook_in_memory_is_gone_when_it_is_closed(a_report, a_verdict):
    with open_gradebook("sqlite://") as gradebook:
        gradebook.record(a_report(), a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"")
        assert len(gradebook.attempts()) == 1
    with open_gradebook("sqlite://") as gradebook:
        assert gradebook.attempts() == []


def test_an_empty_file_becomes_a_gradebook(file):
    file.touch()
    with open_gradebook(file) as gradebook:
        assert gradebook.attempts() == []


def test_keeps_a_write_ahead_log(file):
    with open_gradebook(file):
        assert sql(file, "PRAGMA journal_mode") == [("wal",)]


@pytest.mark.parametrize("why", ["no shared memory", "a network file system"])
def test_does_without_the_log_where_the_file_system_cannot(file, a_report, a_verdict, monkeypatch, why):
    where = str(file)
    if why == "no shared memory":
        where = f"sqlite:///file:{file}?vfs=unix-dotfile&uri=true"  # SQLite's own stand-in for such a system
    else:
        with open_gradebook(file):  # it has a log from before
            pass
        monkeypatch.setattr(connection_module, "on_network", lambda _: True)
    with open_gradebook(where) as gradebook:
        gradebook.record(a_report(), a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"")
        assert not file.with_name(f"{file.name}-wal").exists()
    assert sql(file, "PRAGMA journal_mode") == [("delete",)]
    assert sql(file, "SELECT count(*) FROM attempts") == [(1,)]


class NoSharedMemory:
    """A connection whose file system cannot map the log's index: SQLite reports a failed read or write."""

    def __init__(self, name):
        self.name, self.asked = name, []

    def execute(self, statement):
        self.asked.append(statement)
        if statement.endswith("WAL"):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = self.name
            raise error
        return sqlite3.connect(":memory:").execute(statement)


@pytest.mark.parametrize("name", ["SQLITE_IOERR_SHMMAP", "SQLITE_PROTOCOL"])
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_log_that_fails_is_done_without(name):
    connection = NoSharedMemory(name)
    connection_module._prepare(connection, 1.0, shared=False)
    assert connection.asked[1:] == ["PRAGMA journal_mode = DELETE", "PRAGMA synchronous = FULL"]


def test_waits_until_nobody_uses_the_log_any_more(file, monkeypatch):
    with open_gradebook(file):
        pass
    other = sqlite3.connect(file)
    other.execute("SELECT * FROM attempts")
    monkeypatch.setattr(connection_module, "on_network", lambda _: True)
    monkeypatch.setattr(connection_module.time, "sleep", lambda _: other.close())
    with open_gradebook(file):
        assert sql(file, "PRAGMA journal_mode") == [("delete",)]


def test_does_not_wait_for_ever_until_nobody_uses_the_log(file, monkeypatch):
    with open_gradebook(file), closing(sqlite3.connect(file)) as other:
        other.execute("SELECT * FROM attempts")
        monkeypatch.setattr(connection_module, "on_network", lambda _: True)
        assert "another process has kept the gradebook locked" in refused(file, patience=0.05).problem


def test_reads_while_another_process_writes(file, a_report, a_verdict):
    with open_gradebook(file, patience=0.1) as gradebook, closing(sqlite3.connect(file)) as other:
        number = gradebook.record(a_report(), a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"")
        other.execute("BEGIN IMMEDIATE")
        assert gradebook.attempt(number).report.student == "ada"
        assert gradebook.result("k" * 64) is not None


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_shows_a_gradebook_that_may_only_be_read(file, journal, a_report, a_verdict):
    with open_gradebook(file) as gradebook:
        number = gradebook.record(a_report(), a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"")
    sql(file, f"PRAGMA journal_mode = {journal}")
    with open_gradebook(f"sqlite:///file:{file}?mode=ro&uri=true", create=False) as gradebook:
        assert gradebook.attempt(number).report.student == "ada"
        with pytest.raises(GradebookError, match="may not be written"):
            gradebook.record(a_report("ben"), None, assignment="08_adamw", key="", seed=b"")


# ---- what does not -------------------------------------------------------------------------------------------------


def test_refuses_a_file_that_is_no_database(file):
    file.write_text("name,points\nada,10\n" * 100)
    assert "not a SQLite database" in refused(file).problem
    assert file.read_text().startswith("name,points")


def test_refuses_a_damaged_gradebook(file):
    with open_gradebook(file):
        pass
    content = bytearray(file.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    file.write_bytes(content)
    error = refused(file)
    assert "the gradebook is damaged" in error.problem
    assert ".recover" in error.step


def test_refuses_a_folder(tmp_path):
    assert refused(tmp_path).problem == "this is a folder, not a gradebook"


def test_refuses_a_device(tmp_path):
    assert refused(os.devnull).problem == "this is a device, not a gradebook"


@pytest.mark.parametrize("place", ["missing/folder/gradebook.sqlite", "a_file/gradebook.sqlite"])
def test_refuses_a_place_where_nothing_can_be_created(tmp_path, place):
    (tmp_path / "a_file").touch()
    error = refused(tmp_path / place)
    assert "cannot be created" in error.problem
    assert error.place == str(tmp_path / place)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc/sys is Linux's")
def test_refuses_a_place_where_even_root_may_not_write():
    assert "cannot be created" in refused("/proc/sys/gradebook.sqlite").problem


def test_refuses_a_gradebook_that_may_not_be_written(file):
    assert "may not be written" in refused(f"sqlite:///file:{file}?mode=ro&uri=true").problem


@pytest.mark.parametrize("where", ["mysql://ada@host/grades", "sqlite+aiosqlite:///x.db", "http://example.org/x.db"])
def test_refuses_a_kind_of_database_that_it_does_not_know(where):
    error = refused(where)
    assert error.problem == f"there are no gradebooks in '{where.partition(':')[0]}'"
    assert "postgresql://" in error.step


@pytest.mark.parametrize("where", ["", "sqlite:grades.db", "postgresql:grades"])
def test_refuses_what_is_neither_a_path_nor_a_url(where, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "neither a path nor a URL" in refused(where).problem
    assert not list(tmp_path.iterdir())


def test_an_address_that_cannot_be_read_is_not_repeated():
    error = refused("postgresql://ada:sesame@host:port/grades")
    assert "cannot be read" in error.problem
    assert "sesame" not in str(error)


def test_says_how_to_install_a_driver_that_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    error = refused("postgresql://ada:sesame@localhost/grades")
    assert error.step == "pip install 'dlgrader[postgres]'"
    assert "sesame" not in str(error)


def test_says_that_a_database_does_not_answer(tmp_path):
    pytest.importorskip("psycopg", reason="the driver for PostgreSQL is not installed")
    error = refused(f"postgresql://ada:sesame@/grades?host={tmp_path}&application_name=sesame")
    assert "the database cannot be reached" in error.problem
    assert "sesame" not in str(error)


def test_there_is_nothing_to_show_before_the_first_run(file, where):
    assert refused(where, create=False).problem == "there is no gradebook yet"
    assert not file.exists()


def test_an_empty_file_is_no_gradebook_to_show(file):
    file.touch()
    assert refused(file, create=False).problem == "there is no gradebook yet"


def test_refuses_the_gradebook_of_another_program(file):
    sql(file, "CREATE TABLE assignment (id INTEGER)")  # nbgrader's
    error = refused(file)
    assert "holds something else: the table 'assignment'" in error.problem
    assert sql(file, "SELECT name FROM sqlite_master") == [("assignment",)]


@pytest.mark.parametrize("version", [2, 0])
def test_refuses_tables_of_another_version(where, version):
    with open_gradebook(where):
        pass
    execute(where, f"UPDATE gradebook SET version = {version}")
    error = refused(where)
    assert error.problem == f"the gradebook is in version {version} of its tables; this grader knows version 1"


def execute(where, statement):
    engine = create_engine(address(where))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_waits_for_another_process_but_not_for_ever(file, a_report, a_verdict):
    with open_gradebook(file, patience=0.05) as gradebook, closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradebookError) as caught:
            gradebook.record(a_report(), a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"")
        assert "another process has kept the gradebook locked" in caught.value.problem
        other.rollback()
        assert gradebook.record(a_report(), a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"") == 1


def test_a_lock_held_for_ever_refuses_the_change_of_journal(file):
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN EXCLUSIVE")
        assert "another process has kept the gradebook locked" in refused(file, patience=0.05).problem


def test_a_full_disk_is_named(file, a_report, a_verdict):
    with open_gradebook(file) as gradebook:
        with gradebook._writing() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(GradebookError, match="the disk is full"):
            gradebook.record(a_report(output="x" * 100_000), a_verdict(), assignment="08_adamw", key="k", seed=b"")
        assert gradebook.attempts() == []


def test_a_file_beside_it_that_is_in_the_way_is_an_error(file):
    with open_gradebook(file):
        pass
    file.with_name(f"{file.name}-wal").mkdir()
    assert "the gradebook cannot be opened" in refused(file).problem


@pytest.mark.parametrize("name", KNOWN)
def test_every_error_that_is_known_has_its_words(name):
    cause = Exception("as the\n database said")
    setattr(cause, "sqlite_errorname" if name.startswith("SQLITE") else "sqlstate", f"{name}_MORE")
    error = explain(DBAPIError("SELECT 1", {}, cause), "here")
    assert error.problem == f"{KNOWN[name][0]} (as the database said)"
    assert (error.place, error.step) == ("here", KNOWN[name][1])


def test_an_error_that_is_not_known_is_still_one_that_a_person_reads():
    cause = Exception("too little of everything")
    cause.sqlstate = "53000"
    assert "the database failed (too little of everything)" in explain(OperationalError("", {}, cause), "here").problem


# ---- PostgreSQL ----------------------------------------------------------------------------------------------------


def test_shares_a_postgresql_database_with_tables_of_another_name(postgres):
    execute(postgres, "CREATE TABLE assignment (id INTEGER)")
    with open_gradebook(postgres) as gradebook:
        assert gradebook.attempts() == []


def test_refuses_a_postgresql_database_with_tables_of_the_same_name(postgres):
    execute(postgres, "CREATE TABLE results (id INTEGER)")
    assert "the table 'results' is not a gradebook's" in refused(postgres).problem


@pytest.mark.parametrize(("name", "other"), [("/postgres?", "/course?"), ("grader@", "nobody_known@")])
def test_repeats_what_postgresql_says_of_a_wrong_user_or_database(postgres, name, other):
    error = refused(postgres.replace(name, other))
    assert "the database cannot be reached" in error.problem
    assert "does not exist" in error.problem
    assert "createdb" in error.step


@pytest.mark.parametrize("grant", ["USAGE ON SCHEMA public", "CONNECT ON DATABASE postgres"])
def test_says_that_a_postgresql_user_may_not_create_tables(postgres, grant):
    execute(postgres, "DROP ROLE IF EXISTS reader")
    execute(postgres, "CREATE ROLE reader LOGIN")
    execute(postgres, f"GRANT {grant} TO reader")
    assert "may not create or write the tables" in refused(postgres.replace("grader@", "reader@")).problem
    execute(postgres, "DROP OWNED BY reader")


def test_shows_a_gradebook_to_a_postgresql_user_who_may_only_read(postgres):
    with open_gradebook(postgres):
        pass
    execute(postgres, "CREATE ROLE assistant LOGIN")
    execute(postgres, "GRANT USAGE ON SCHEMA public TO assistant")
    execute(postgres, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO assistant")
    with open_gradebook(postgres.replace("grader@", "assistant@"), create=False) as gradebook:
        assert gradebook.attempts() == []


def test_says_that_a_postgresql_database_is_read_only(postgres):
    where = f"{postgres}&options=-c%20default_transaction_read_only%3Don"
    assert "the database is read-only" in refused(where).problem


@pytest.mark.parametrize("statement", ["SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 1"])
def test_a_connection_that_ends_within_a_transaction_is_named(postgres, statement):
    def interrupted(gradebook):
        with gradebook._writing() as connection:
            if statement == "SELECT 1":
                connection.connection.dbapi_connection.close()
            connection.exec_driver_sql(statement)

    with open_gradebook(postgres) as gradebook:
        with pytest.raises(GradebookError) as caught:
            interrupted(gradebook)
        assert "the database ended the connection" in caught.value.problem
        assert gradebook.attempts() == []


def test_a_connection_that_broke_is_made_again(postgres, a_report, a_verdict):
    with open_gradebook(postgres) as gradebook:
        with gradebook._reading() as connection:
            mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        execute(postgres, f"SELECT pg_terminate_backend({mine}, 5000)")
        assert gradebook.record(a_report(), a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"")
