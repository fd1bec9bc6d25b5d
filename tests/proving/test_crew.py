"""Jobs side by side in forks of a warm process."""

import os
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.proving.crew import done_by


def test_each_job_comes_back_with_what_was_made_of_it():
    by = 3
    assert dict(done_by(lambda job: job * by, [1, 2, 3], 2)) == {1: 3, 2: 6, 3: 9}


def test_what_a_job_raises_comes_back():
    def work(job):
        raise ValueError(f"job {job}")

    with pytest.raises(ValueError, match="job 7"):
        list(done_by(work, [7], 1))


def test_a_worker_that_ends_is_told_with_what_to_do():
    with pytest.raises(GraderError, match="ended by itself") as caught:
        list(done_by(lambda _: os._exit(1), [1], 1))
    assert caught.value.step == "try again with --jobs 1"


def test_what_a_job_prints_nobody_reads(capfd):
    def work(job):
        os.write(1, b"out")
        os.write(2, b"err")
        return job

    assert list(done_by(work, [1], 1)) == [(1, 1)]
    assert capfd.readouterr() == ("", "")


def test_what_a_job_writes_is_nowhere_afterwards(tmp_path, monkeypatch):
    def work(job):
        Path("None.new").touch()
        return str(Path.cwd())

    monkeypatch.chdir(tmp_path)
    ((_, place),) = done_by(work, [1], 1)
    assert not Path(place).exists()
    assert list(tmp_path.iterdir()) == []
