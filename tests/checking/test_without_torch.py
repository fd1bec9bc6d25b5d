"""A student whose assignment has no tensors does not wait for torch: each run here is a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANDED_IN = ROOT / "examples" / "submissions" / "02_export_registry"
HEAVY = ("torch", "numpy", "sqlalchemy")

CHECK = """\
import contextlib, sys
from grader.cli import main
with contextlib.suppress(SystemExit):
    main(["--course", sys.argv[1], "check", "2", sys.argv[2]])
"""
MAGIC = """\
import os, sys
from IPython.core.interactiveshell import InteractiveShell
os.chdir(os.path.join(sys.argv[1], "assignments", "02_export_registry"))
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "grader")
shell.run_cell(open(sys.argv[2]).read())
shell.run_line_magic("check", "")
"""
IMPORTED = f"\nprint('imported:', *(name for name in {HEAVY!r} if name in sys.modules))\n"


def imported(program, file, tmp_path):
    """Run a program on a file; return its output but for the last line, and what that says was imported."""
    command = [sys.executable, "-c", program + IMPORTED, str(ROOT), str(file)]
    environment = {"IPYTHONDIR": str(tmp_path / "ipython"), "HOME": str(tmp_path), "PATH": "/usr/bin"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    *said, last = done.stdout.splitlines()
    return "\n".join(said), last.split()[1:]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("ada.py", "19 of 19 passed", id="right"),
        pytest.param("julia.py", "failed", id="wrong"),
        pytest.param("ben.ipynb", "15 of 19 passed", id="a notebook"),
    ],
)
def test_grader_check_imports_no_torch(name, says, tmp_path):
    said, heavy = imported(CHECK, HANDED_IN / name, tmp_path)
    assert says in said
    assert heavy == []


@pytest.mark.parametrize(("name", "says"), [("ada.py", "19 of 19 passed"), ("julia.py", "failed")])
def test_the_magic_imports_no_torch(name, says, tmp_path):
    said, heavy = imported(MAGIC, HANDED_IN / name, tmp_path)
    assert says in said
    assert heavy == []


def test_what_the_student_imports_is_seen(tmp_path):
    file = tmp_path / "ada.py"
    file.write_text("import torch\n" + (HANDED_IN / "ada.py").read_text())
    _, heavy = imported(MAGIC, file, tmp_path)
    assert "torch" in heavy
