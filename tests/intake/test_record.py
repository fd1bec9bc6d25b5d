"""When something was handed in."""

import os
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from grader.intake import record
from grader.intake.record import Record
from tests.intake.handed_in import WORK, tarred, write
from tests.plugins.test_grader_archive import entry

FIRST, SECOND = "2026-03-01T10:00:00+08:00", "2026-03-02T10:00:00+08:00"


def git(folder: Path, *arguments: str, date: str = FIRST) -> None:
    environment = {**os.environ, "GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": "2001-01-01T00:00:00+00:00"}
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgSign=false")
    subprocess.run(["git", *identity, "-C", str(folder), *arguments], env=environment, check=True, capture_output=True)


def commit(folder: Path, date: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "handed in", date=date)


@pytest.fixture
def inbox(tmp_path):
    """An inbox in a repository: three submissions of the first day, and one file of the second."""
    git(tmp_path, "init", "-q")
    folder = tmp_path / "course" / "in box"
    for name in ("ada.py", "李雷 (1).py", "ben/tiny.py", 'q"uote.py'):
        write(folder / name, WORK)
    write(tmp_path / "elsewhere.py", WORK)
    commit(tmp_path, FIRST)
    write(folder / "ben/more.py", WORK)
    commit(tmp_path, SECOND)
    return folder


def when(inbox: Path, name: str) -> datetime | None:
    return Record(inbox).when(inbox / name)


def test_git_knows_when_a_file_was_committed(inbox):
    assert when(inbox, "ada.py") == datetime.fromisoformat(FIRST)
    assert when(inbox, "李雷 (1).py") == datetime.fromisoformat(FIRST)


def test_a_folder_is_as_late_as_its_last_file(inbox):
    assert when(inbox, "ben") == datetime.fromisoformat(SECOND)


def test_what_was_changed_since_has_no_time(inbox):
    write(inbox / "ada.py", WORK * 2)
    (inbox / "ben/more.py").unlink()
    assert when(inbox, "ada.py") is None
    assert when(inbox, "ben") is None


def test_what_was_never_committed_has_no_time(inbox):
    write(inbox / "new.py", WORK)
    assert when(inbox, "new.py") is None
    assert when(inbox, "missing.py") is None


def test_a_copy_of_the_repository_has_the_same_times(inbox):
    os.utime(inbox / "ada.py", (1, 1))
    assert when(inbox, "ada.py") == datetime.fromisoformat(FIRST)


def test_an_inbox_may_be_named_from_where_one_stands(inbox, monkeypatch):
    monkeypatch.chdir(inbox)
    assert Record(Path()).when(Path("ada.py")) == datetime.fromisoformat(FIRST)


def test_git_is_asked_twice_however_many_submissions_there_are(inbox, monkeypatch):
    asked = []
    run = subprocess.run
    monkeypatch.setattr(record.subprocess, "run", lambda *args, **kwargs: asked.append(args) or run(*args, **kwargs))
    record_ = Record(inbox)
    for path in inbox.iterdir():
        record_.when(path)
    assert len(asked) == 2


def test_git_is_not_asked_where_there_is_no_repository(tmp_path, monkeypatch):
    monkeypatch.setattr(record.subprocess, "run", lambda *_, **__: pytest.fail("it was asked"))
    assert when(tmp_path, "ada.py") is None


@pytest.mark.parametrize("error", [FileNotFoundError("git"), subprocess.TimeoutExpired("git", 1)])
def test_without_git_there_is_no_time(inbox, monkeypatch, error):
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(record.subprocess, "run", refuse)
    assert when(inbox, "ada.py") is None


def test_a_repository_that_git_refuses_gives_no_time(tmp_path):
    write(tmp_path / ".git", "gitdir: /nowhere")
    write(tmp_path / "ada.py", WORK)
    assert when(tmp_path, "ada.py") is None


def test_git_executes_nothing_that_a_repository_names(inbox, tmp_path):
    program = write(tmp_path / "evil", f"#!/bin/sh\ntouch '{tmp_path}/ran'\ncat\n")
    program.chmod(0o755)
    write(tmp_path / ".gitattributes", "*.py filter=evil diff=evil\n")
    settings = ("core.fsmonitor", "filter.evil.clean", "diff.evil.textconv", "diff.evil.command", "diff.external")
    for setting in (*settings, "core.pager", "gpg.program", "core.sshCommand", "core.alternateRefsCommand"):
        git(inbox, "config", setting, str(program))
    for setting in ("log.showSignature", "filter.evil.required"):
        git(inbox, "config", setting, "true")
    write(inbox / "ada.py", WORK * 2)
    Record(inbox).when(inbox / "ada.py")
    Record(inbox).when(inbox / "ben")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("stamp", "time"),
    [
        ("2026-03-01 10:00:00.250000 UTC", datetime(2026, 3, 1, 10, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-03-01 10:00:00 Asia/Shanghai\n", datetime(2026, 3, 1, 2, tzinfo=UTC)),
        ("2026-03-01 10:00:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00+08:00", datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=8)))),
        ("yesterday", None),
        ("2026-03-01 10:00:00 Mars/Olympus", None),
        ("2026-03-01 10:00:00 ../../etc/passwd", None),
        ("x" * 1000, None),
        (b"\xff\xfe", None),
        ("", None),
    ],
)
def test_nbgraders_timestamp_is_read(tmp_path, stamp, time):
    write(tmp_path / "ada" / "timestamp.txt", stamp)
    assert Record(tmp_path).when(tmp_path / "ada", collected=True) == time


def test_nbgraders_timestamp_counts_before_git(inbox):
    write(inbox / "ben" / "timestamp.txt", "2026-05-01 00:00:00 UTC")
    assert Record(inbox).when(inbox / "ben", collected=True) == datetime(2026, 5, 1, tzinfo=UTC)
    assert when(inbox, "ben") == datetime.fromisoformat(SECOND)


def test_an_archive_knows_when_its_newest_file_was_written(tmp_path):
    tarred(tmp_path / "ada.tgz", [(entry("tiny.py", mtime=1_700_000_000), b"")])
    assert when(tmp_path, "ada.tgz") == datetime.fromtimestamp(1_700_000_000, UTC)


def test_git_counts_before_the_archive(inbox, tmp_path):
    tarred(inbox / "ada.tgz", [(entry("tiny.py", mtime=1_700_000_000), b"")])
    commit(tmp_path, SECOND)
    assert when(inbox, "ada.tgz") == datetime.fromisoformat(SECOND)


def test_a_files_own_time_is_never_taken(tmp_path):
    path = write(tmp_path / "ada.py", WORK)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert when(tmp_path, "ada.py") is None


@pytest.mark.parametrize("time", ["0001-01-01 00:00:00 Asia/Shanghai", "9999-12-31T23:59:59-12:00"])
def test_a_time_that_is_no_moment_is_not_known(tmp_path, time):
    folder = tmp_path / "ada" / "01_tiny"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text(time)
    assert Record(tmp_path).when(folder, collected=True) is None
