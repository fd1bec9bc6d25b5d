"""A probe may ask a new Python about files that it has written: packages that must be imported by nobody before."""

import pytest

from tests.referee.warm import answer

pytest_plugins = ["tests.referee.warm"]

PROBES = """
import subprocess, sys, tempfile
from pathlib import Path

DRIVER = '''
import os, sys
sys.path.insert(0, sys.argv[1])
import written
print(written.VALUE, "torch" in sys.modules, os.listdir("/home") if os.path.isdir("/home") else [])
'''

def asked(student, text):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "written.py").write_text(text)
        command = [sys.executable, "-I", "-S", "-c", DRIVER, folder]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout.split(maxsplit=2), done.stderr[-200:]

def leaves_one_running(student):
    return subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"]).pid
"""


@pytest.fixture
def student(submit):
    made = submit("", probes=PROBES)
    made.load()
    return made


def test_a_new_interpreter_imports_what_was_written(student):
    code, said, errors = answer(student, "asked", "VALUE = 6 * 7", is_probe=True)
    assert (code, said, errors) == (0, ["42", "False", "[]\n"], "")


def test_an_error_in_it_is_data(student):
    code, _, errors = answer(student, "asked", "VALUE = 1 / 0", is_probe=True)
    assert code == 1
    assert "ZeroDivisionError" in errors


def test_the_next_call_is_answered_where_one_is_left_running(student):
    assert answer(student, "leaves_one_running", is_probe=True) > 1
    assert answer(student, "asked", "VALUE = 1", is_probe=True)[0] == 0
