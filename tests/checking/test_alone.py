"""The handed-out folder works without the grader, and the grader's check without the course."""

import shutil
import subprocess
import sys
from pathlib import Path

TINY = Path(__file__).parent.parent / "tiny"
WITHOUT_THE_GRADER = """
import sys
sys.modules["grader"] = None  # importing it fails, as where it is not installed
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider"]))
"""


def pytest_alone(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_GRADER], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_pytest_alone_says_which_parts_are_not_written(handout):
    done = pytest_alone(handout)
    assert done.returncode == 1
    assert "NotImplementedError: double: see README.md, part 1" in done.stdout
    assert "6 failed" in done.stdout


def test_pytest_alone_passes_good_work(handout):
    shutil.copy(TINY / "solutions" / "01_tiny" / "tiny.py", handout / "tiny.py")
    done = pytest_alone(handout)
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout
