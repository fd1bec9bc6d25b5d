"""`grader run`, killed at any moment and typed again, loses no finished attempt and grades none twice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.gradebook import open_gradebook

from .faults.running import Running

TINY = Path(__file__).parent / "tiny"
CLASS = 10
KILLS = (1, 4, 4, 7)  # after so many have been reported as finished
SEED_OF_DELAY = 0.013  # seconds; each kill comes a little later after its line


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    source = (TINY / "solutions/01_tiny/tiny.py").read_text()
    shutil.copytree(TINY, tmp_path / "course")
    folder = tmp_path / "inbox"
    folder.mkdir()
    for number in range(CLASS):
        (folder / f"student{number}.py").write_text(f"{source}\n# {number}\n")
    return folder


def command(inbox: Path, book: Path) -> list[str]:
    course = ["--course", str(inbox.parent / "course")]
    return [str(Path(sys.executable).with_name("grader")), *course, "run", "1", str(inbox), "--db", str(book), "-j2"]


def finished_then_killed(inbox: Path, book: Path, lines: int, delay: float) -> set[str]:
    """Run until so many submissions are reported, kill -9 the whole group, and return whose were reported."""
    process = subprocess.Popen(
        command(inbox, book), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stderr is not None
    seen = {process.stderr.readline().split()[0] for _ in range(lines)}
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    process.stderr.close()
    process.wait()
    return seen


def test_a_killed_run_goes_on_where_it_was(inbox: Path, tmp_path: Path):
    book = tmp_path / "book.sqlite"
    reported: set[str] = set()
    for number, lines in enumerate(KILLS):
        reported |= finished_then_killed(inbox, book, lines, number * SEED_OF_DELAY)
        with open_gradebook(book) as gradebook:
            assert reported <= {attempt.report.student for attempt in gradebook.attempts()}
    done = subprocess.run(command(inbox, book), capture_output=True, text=True, check=True)
    assert f"{CLASS} submissions" in done.stdout
    with open_gradebook(book) as gradebook:
        attempts = gradebook.attempts(latest=False)
    assert sorted(attempt.report.student for attempt in attempts) == sorted(f"student{n}" for n in range(CLASS))
    assert {attempt.report.earned for attempt in attempts} == {100.0}


def test_nothing_is_left_of_a_killed_run(inbox: Path, tmp_path: Path):
    for file in inbox.iterdir():
        file.write_text(f"import time; time.sleep(1)\n{file.read_text()}")
    run = Running(*command(inbox, tmp_path / "book")[1:])
    run.wait_for(lambda: run.importing() if len(run.importing()) == 2 else [])
    run.process.kill()
    run.finish()
    assert len(run.seen) > 10  # two of each: referee, bubblewrap, holder, keeper, loader; and the warm pair
    assert run.left() == {}
