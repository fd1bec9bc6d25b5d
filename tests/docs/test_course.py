"""docs/course.md: its example is written out and graded, and it names every key with the default that the code has."""

import inspect
import json
import re
import shutil
from pathlib import Path

import pytest
from _pytest.fixtures import FixtureFunctionDefinition
from msgspec import NODEFAULT, Struct, structs

import grader_late
from grader import checks
from grader.model import MB, Limits, Part
from grader.referee import fixtures
from grader.referee.plugin import MARKERS
from grader.referee.tolerances import TABLE, tolerance
from grader.schema import AssignmentFile, CourseFile

from .walkthrough import File, alike, in_terminal, steps, walk

PAGE = (Path(__file__).parents[2] / "docs" / "course.md").read_text(encoding="utf-8")
STEPS = list(steps(PAGE))
FILES = [step for step in STEPS if isinstance(step, File)]


def rows() -> dict[str, tuple[str, str]]:
    """Return the default and the meaning of each name in the first column of a table."""
    found = {}
    for line in PAGE.splitlines():
        if line.startswith("| `"):
            first, second, *rest = (cell.strip() for cell in line.strip("| ").split(" | "))
            names, defaults = re.findall(r"`(\w+)`", first), second.split(", ")
            defaults = defaults if len(defaults) == len(names) else [second] * len(names)
            found |= {name: (default, " | ".join(rest)) for name, default in zip(names, defaults, strict=True)}
    return found


ROWS = rows()
EXPLAINED_ELSEWHERE = {"title", "title_zh"}  # of a part: in the row of its id


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("course")
    for file in FILES:
        file.put(root)
    return root


def said(command: str, folder: Path) -> str:
    """Return what a command prints, without its progress lines."""
    done = in_terminal(command, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# ---- the example -----------------------------------------------------------------------------------------------


def test_the_example_is_a_whole_course():
    wanted = {"course.toml", "assignment.toml", "test_public.py", "probes.py", "test_hidden.py", "misconceptions.py"}
    assert wanted <= {Path(file.path).name for file in FILES}


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_the_example_prints_what_it_says(tmp_path):
    for command, found in walk(PAGE, tmp_path):
        assert alike(command.printed, found), f"{command.line}:\n{found}"


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_the_stub_of_the_example_gets_nothing_and_its_solution_all_whatever_is_drawn(course):
    said("grader build", course)
    stub, solution = "assignments/01_temperature/temperature.py", "solutions/01_temperature/temperature.py"
    shutil.copy(course / stub, course / "stub.py")
    said(f"grader run 1 stub.py {solution} --seed 5 --report json=out.json", course)
    reports = json.loads((course / "out.json").read_text())["submissions"]
    assert {report["student"]: report["earned"] for report in reports} == {"stub": 0, "temperature": 100}


def test_the_public_checks_of_the_example_pass_on_its_solution(course):
    said("grader build", course)
    printed = said("grader check 1 solutions/01_temperature/temperature.py", course)
    assert "1 of 1 passed" in printed


# ---- the tables ------------------------------------------------------------------------------------------------


def keys() -> list:
    tables: tuple[type[Struct], ...] = (CourseFile, AssignmentFile, Part, Limits)
    return [
        pytest.param(table, key, id=f"{table.__name__}.{key.name}") for table in tables for key in structs.fields(table)
    ]


@pytest.mark.parametrize(("table", "key"), keys())
def test_every_key_is_in_the_page(table, key):
    if table is Part and key.name in EXPLAINED_ELSEWHERE:
        assert f"`{key.name}`" in ROWS["id"][1]
        return
    said = ROWS[key.name][0]
    required = key.default is NODEFAULT and key.default_factory is NODEFAULT
    assert said.startswith("required") == required


@pytest.mark.parametrize("key", structs.fields(Limits), ids=lambda key: key.name)
def test_every_limit_has_the_default_that_the_page_says(key):
    number, unit = ROWS[key.name][0].partition(" ")[::2]
    assert float(number) * {"MB": MB, "s": 1, "": 1}[unit] == key.default


def test_the_settings_of_lateness_have_the_defaults_that_the_page_says():
    said = dict(re.findall(r"`(\w+)` \(([\d.]+)\)", ROWS["settings"][1]))
    assert {name: float(value) for name, value in said.items()} == structs.asdict(grader_late.Lateness())


@pytest.mark.parametrize("decorator", [checks.check, checks.misconception], ids=lambda decorator: decorator.__name__)
def test_every_word_of_a_decorator_is_in_the_page(decorator):
    for name in inspect.signature(decorator).parameters:
        assert re.search(rf"`{name}`|@check\([^)]*\b{name}=|`@check`", PAGE), name


def test_every_fixture_is_in_the_page():
    defined = {name for name, value in vars(fixtures).items() if isinstance(value, FixtureFunctionDefinition)}
    defined = {name for name in defined if not name.startswith("_")}
    assert defined
    assert defined <= set(ROWS)


def test_every_marker_is_in_the_page():
    assert all(f"{mark.partition('(')[0].partition(':')[0]}" in PAGE for mark in MARKERS)


@pytest.mark.parametrize("dtype", TABLE, ids=str)
def test_the_tolerances_are_those_of_the_table(dtype):
    allowed = tolerance(dtype)
    name = str(dtype).removeprefix("torch.")
    names, said = next(
        (re.findall(r"`(\w+)`", line), re.findall(r"\d+e-\d+", line))
        for line in PAGE.splitlines()
        if f"| `{name}" in line or f", `{name}`" in line
    )
    numbers = [float(number) for number in said]
    if allowed.norm is None:
        assert numbers == [allowed.rtol, allowed.atol]
    else:
        assert numbers[names.index(name)] == allowed.norm
