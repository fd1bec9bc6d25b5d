"""Our sources, for a process that cannot read our files."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import grader.candidate
from grader.wire.sources import sources

AGAIN = "import sys; sys.path.insert(0, sys.argv[1]); from grader.wire.sources import sources; print(len(sources()))"


def test_there_is_what_the_students_side_imports_and_nothing_that_knows_an_answer():
    with zipfile.ZipFile(io.BytesIO(sources())) as archive:
        packages = {name.split("/")[1] for name in archive.namelist()}
    assert packages == {"__init__.py", "errors.py", "candidate", "probing", "ranks", "wire"}


def test_a_process_that_was_executed_with_them_can_hand_them_on(tmp_path):
    archive = tmp_path / "grader.zip"
    archive.write_bytes(sources())
    done = subprocess.run(
        [sys.executable, "-I", "-c", AGAIN, str(archive)], capture_output=True, text=True, cwd="/", check=True
    )
    assert int(done.stdout) == len(sources())


BOOTED = """
import sys
exec(open(sys.argv[1]).read())
begin(os.open(sys.argv[2], os.O_RDONLY))
from grader.wire.sources import sources
print(len(sources()))
"""


def test_a_process_that_was_booted_with_them_in_memory_can_too(tmp_path):
    archive = tmp_path / "grader.zip"
    archive.write_bytes(sources())
    boot = Path(grader.candidate.__file__).parent / "boot.py"
    command = [sys.executable, "-I", "-c", f"import os{BOOTED}", str(boot), str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=True)
    assert int(done.stdout) == len(sources())
