"""docs/errors.md: every code, outcome, status and exit code that the program has, and what its examples print."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import re
import shlex
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from click.testing import CliRunner

import grader
from grader.cli import COMMANDS, main
from grader.errors import GraderError, WireError
from grader.manager import DEFAULT_PLUGINS
from grader.model import Outcome, Status

from .pages import DOCS, ROOT, blocks, table

PAGE = DOCS / "errors.md"
TEXT = PAGE.read_text(encoding="utf-8")
SECTION = TEXT.partition("\n## Codes\n")[2].partition("\n## ")[0]
EXAMPLES = [block for block in blocks("console") if block.page == PAGE.name]


def family() -> set[type[GraderError]]:
    """Return every error of ours, wherever it is defined."""
    found, left = {GraderError}, [GraderError]
    for name in names_of_errors():
        importlib.import_module(name)
    while left:
        new = set(left.pop().__subclasses__()) - found
        found |= new
        left += new
    return {kind for kind in found if kind.__module__.startswith("grader")}


def names_of_errors() -> list[str]:
    """Return the modules in which a subclass may be: those whose source names one as a base."""
    ours = [module.name for module in pkgutil.walk_packages(grader.__path__, "grader.") if "corpus" not in module.name]
    return [name for name in (*ours, *DEFAULT_PLUGINS) if re.search(r"^class \w+\(\w*Error\)", source(name), re.M)]


def source(module: str) -> str:
    """Return the source of a module or package without importing it."""
    below = Path(*module.split("."))
    places = [
        root / path for root in (ROOT, ROOT / "plugins") for path in (below.with_suffix(".py"), below / "__init__.py")
    ]
    return next(path.read_text(encoding="utf-8") for path in places if path.exists())


def exits() -> dict[int, set[str]]:
    """Return the commands that end with each exit code, as their sources say."""
    found = defaultdict(set)
    for command in ("__init__", "options", *COMMANDS):
        for node in ast.walk(ast.parse(source(f"grader.cli.{command}"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("Exit", "exit"):
                for number in ast.walk(node.args[0]):
                    if isinstance(number, ast.Constant) and isinstance(number.value, int):
                        found[number.value].add(command)
    return found


def test_every_code_has_its_heading():
    assert {kind.code for kind in family()} == set(re.findall(r"^### (.+)$", SECTION, re.MULTILINE))


def test_no_two_errors_have_one_code():
    assert len({kind.code for kind in family()}) == len(family())


@pytest.mark.parametrize("kind", sorted(family(), key=lambda kind: kind.code), ids=lambda kind: kind.code)
def test_an_error_is_printed_behind_its_code(kind):
    assert str(kind("it broke", place="here", step="mend it")) == f"{kind.code}: it broke\n  in   here\n  try  mend it"


def test_every_exit_code_is_in_the_page():
    assert {int(code) for code in table(PAGE, "code")} == {0, *exits()}


def test_the_commands_that_can_exit_with_1_are_those_of_the_page():
    assert set(table(PAGE, "command")) == exits()[1]


def test_every_outcome_has_a_row_that_says_what_to_do():
    assert [*table(PAGE, "outcome")] == [outcome.value for outcome in Outcome]


def test_every_status_has_a_row_that_says_what_to_do():
    assert [*table(PAGE, "status")] == [status.value for status in Status]


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    shutil.copytree(ROOT / "tests" / "tiny", tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "course" / "inbox").mkdir()
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_prints_what_it_says(example, course):
    line, _, printed = example.text.partition("\n")
    ended = CliRunner().invoke(main, shlex.split(line)[2:])
    assert ended.exit_code == 2
    assert doctest.OutputChecker().check_output(printed, ended.output, doctest.ELLIPSIS), ended.output


def test_each_example_stands_under_the_code_that_it_prints():
    for section in re.split(r"^### ", SECTION, flags=re.MULTILINE)[1:]:
        code, _, text = section.partition("\n")
        assert [said for said in re.findall(r"^\$ .+\n(.+?):", text, re.MULTILINE) if said != code] == []


def test_bytes_that_cannot_be_read_are_said_as_the_page_says():
    assert '"the answer cannot be read"' in SECTION
    assert WireError.code in SECTION
