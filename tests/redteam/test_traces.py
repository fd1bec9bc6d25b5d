"""Whatever is left behind is seen: processes, orphans too, and files with an attack's mark."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.redteam.dress import MARK
from grader.redteam.traces import watched

ORPHAN = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\n"


@pytest.mark.usefixtures("own_tmp")
def test_nothing_left_is_nothing_seen():
    with watched() as traces:
        subprocess.run(["true"], check=False)
    assert (traces.processes, traces.files) == ({}, [])


@pytest.mark.usefixtures("own_tmp", "impatient")
def test_a_process_that_stays_is_seen_with_its_command():
    with watched() as traces:
        left = subprocess.Popen(["sleep", "61"], start_new_session=True)
    left.kill()
    left.wait()
    assert traces.processes == {left.pid: "sleep 61 "}


@pytest.mark.usefixtures("own_tmp", "impatient")
def test_an_orphan_is_seen_though_who_started_it_has_ended(ended):
    with watched() as traces:
        subprocess.run([sys.executable, "-c", ORPHAN], check=False)
    ended.append(traces)
    (command,) = traces.processes.values()
    assert "os.setsid()" in command


@pytest.mark.usefixtures("own_tmp")
def test_a_process_that_ends_by_itself_soon_is_not_left():
    with watched() as traces:
        ending = subprocess.Popen(["sleep", "0.1"])
    ending.wait()
    assert traces.processes == {}


@pytest.mark.usefixtures("own_tmp")
def test_what_ran_before_is_not_the_attacks():
    with subprocess.Popen(["sleep", "62"]) as earlier:
        with watched() as traces:
            pass
        earlier.kill()
    assert traces.processes == {}


def test_a_marked_file_is_seen_where_temporary_files_are_and_in_the_named_folders(own_tmp, tmp_path):
    named = tmp_path / "assignment"
    (named / "inside").mkdir(parents=True)
    with watched(named) as traces:
        left = [named / "inside" / f"x-{MARK}", own_tmp / f"{MARK}.txt", own_tmp / f"{MARK}-folder"]
        for file in left[:2]:
            file.touch()
        left[2].mkdir()
        (own_tmp / "a file of somebody else").touch()
    assert {*left} <= {*traces.files}
    assert all(MARK in file.name for file in traces.files)
