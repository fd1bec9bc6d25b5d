import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from grader import __version__
from grader import cli as package
from grader.cli import COMMANDS, main

HEAVY = {"torch", "numpy", "sqlalchemy", "pytest", "_pytest", "jinja2", "nbformat", "jupytext", "rich", "pluggy"}
NOT_COMMANDS = {"__init__", "options", "table"}


def test_every_file_is_a_command_and_every_command_is_in_the_help():
    files = {file.stem for file in Path(package.__file__).parent.glob("*.py")} - NOT_COMMANDS
    assert set(COMMANDS) == files


@pytest.mark.parametrize("name", COMMANDS)
def test_a_module_holds_the_command_of_its_name(name):
    command = import_module(f"grader.cli.{name}").command
    assert isinstance(command, click.Command)
    assert command.name == name


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_begins_with_a_sentence_and_fits_a_terminal(name):
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert max(len(line) for line in result.output.splitlines()) <= 110
    assert import_module(f"grader.cli.{name}").command.help.split("\n")[0].strip()


def test_the_help_lists_every_command():
    output = CliRunner().invoke(main, ["--help"]).output
    for name, line in COMMANDS.items():
        assert f"{name} " in output
        assert line in " ".join(output.split())


def test_the_version_is_the_packages():
    assert CliRunner().invoke(main, ["--version"]).output == f"grader, version {__version__}\n"


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"], ["check", "--help"], ["show", "-h"]])
def test_nothing_heavy_is_imported_at_the_start(words):
    script = f"""
import sys
from grader.cli import main
try:
    main({words!r})
except SystemExit:
    pass
print("imported:", sorted({HEAVY!r} & set(sys.modules)))
"""
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert output.splitlines()[-1] == "imported: []"


# ---- errors ----------------------------------------------------------------------------------------------------


def test_what_a_person_caused_is_printed_without_a_traceback(grader):
    result = grader("run", "9", code=2)
    assert result.stderr.splitlines()[0] == "unknown-assignment: no assignment is called '9'"
    assert result.stderr.splitlines()[2] == "  try  the assignments are 01_tiny"
    assert "Traceback" not in result.output


def test_an_unknown_command_gets_the_nearest(grader):
    result = grader("rnu", "1", code=2)
    assert "there is no command 'rnu'" in result.stderr
    assert "did you mean run?" in result.stderr


def test_our_own_mistakes_keep_their_traceback(course, monkeypatch):
    (course / "executor.py").write_text("1 / 0\n")
    monkeypatch.chdir(course)
    result = CliRunner().invoke(main, ["plugins"])
    assert isinstance(result.exception, ZeroDivisionError)


def test_where_there_is_no_course_the_error_says_what_to_do(grader, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "--course DIR" in grader("list", code=2).stderr


def test_a_course_can_be_named_from_elsewhere(grader, course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "tiny" in grader("--course", str(course), "list").output


def test_a_course_that_is_not_there_is_named(grader):
    assert "there is no such folder" in grader("--course", "nowhere", "list", code=2).stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_finds_no_room_is_said_without_a_traceback():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", "from grader.cli import main; main()", "plugins"]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (2, "the output cannot be written: no space left on the device\n")
