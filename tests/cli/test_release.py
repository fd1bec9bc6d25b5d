"""The bundle is what students get: it is unpacked far from the course, and used as they use it."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main

TINY = Path(__file__).parent.parent / "tiny"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def course(tmp_path, monkeypatch):
    shutil.copytree(TINY, tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "tiny"


@pytest.fixture
def release(course):
    def run(*words, code=0):
        result = CliRunner().invoke(main, ["--course", str(course), "release", *words], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


def test_what_is_inside_is_told_with_its_size(course, release):
    (course / "assignments/01_tiny/.notes").write_text("mine")
    said = release("1").stdout.splitlines()
    assert "    414 B  assignment.toml" in said
    assert " left out  .notes" in said
    assert said[-1].startswith("wrote 01_tiny.zip: 6 files, ")
    assert zipfile.ZipFile("01_tiny.zip").namelist()[0] == "01_tiny/README.md"


def test_it_has_the_same_bytes_each_time(course, release):
    release("1")
    first = Path("01_tiny.zip").read_bytes()
    for path in (course / "assignments/01_tiny").iterdir():
        path.touch()
    release("1", "--output", "other/again.zip")
    assert Path("other/again.zip").read_bytes() == first


def test_where_something_is_found_nothing_is_written(course, release):
    readme = course / "assignments/01_tiny/README.md"
    readme.write_text(readme.read_text() + '\n    raise ValueError(f"factor must not be negative: {factor}")\n')
    result = release("1", code=1)
    assert "README.md, line 30 is line 51 of solutions/01_tiny/tiny.py\n" in result.stderr
    assert "nothing was written: mend this in assignments/01_tiny\n" in result.stderr
    assert result.stdout == ""
    assert not Path("01_tiny.zip").exists()


def test_a_bundle_of_before_stays_where_something_is_found(course, release):
    release("1")
    first = Path("01_tiny.zip").read_bytes()
    (course / "assignments/01_tiny/tiny.py").write_text("stale")
    release("1", code=1)
    assert Path("01_tiny.zip").read_bytes() == first


def test_the_zip_is_not_put_into_what_it_packs(course, release):
    assert "would lie in what it packs" in release("1", "-o", str(course / "assignments/01_tiny/a.zip"), code=2).stderr


def test_a_place_that_is_a_folder_is_refused(course, release):
    Path("there").mkdir()
    said = release("1", "-o", "there", code=2).stderr
    assert "the zip cannot be written: a folder is there" in said
    assert "grades" not in said


def test_without_a_solution_nothing_can_be_compared(course, release):
    shutil.rmtree(course / "solutions")
    assert "no solution" in release("1", code=2).stderr


def unpacked(course, number, folder):
    bundle = folder / "bundle.zip"
    words = ["--course", str(course), "release", number, "--output", str(bundle)]
    result = CliRunner().invoke(main, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    zipfile.ZipFile(bundle).extractall(folder / "student")
    (home,) = (folder / "student").iterdir()
    return home


def as_student(home, *words):
    tool = Path(sys.executable).parent / words[0]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    done = subprocess.run(
        [str(tool), *words[1:]], cwd=home, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("course", "number", "module"),
    [pytest.param(TINY, "1", "tiny", id="tiny"), pytest.param(ROOT, "3", "stochastic", id="assignment 3")],
)
def test_students_import_the_stub_and_run_the_public_checks_which_nobody_has_attempted(
    course, number, module, tmp_path
):
    home = unpacked(course, number, tmp_path)
    assert as_student(home, "python", "-c", f"import {module}; print('imported')") == "imported\n"
    checked = re.fullmatch(
        r"0 of (\d+) passed, (\d+) not attempted yet", as_student(home, "grader", "check").splitlines()[-1]
    )
    assert checked
    assert checked[1] == checked[2] != "0"
    said = as_student(home, "pytest", "-q", "-p", "no:cacheprovider")
    failed = re.fullmatch(r"(\d+) failed in .*", said.splitlines()[-1])  # and none passed
    assert failed
    assert said.count("E       NotImplementedError: ") == int(failed[1])
