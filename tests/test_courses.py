"""What is written twice in a course agrees, for every assignment here. Each rule is shown to fail on a spoilt copy.

Checks and misconceptions are found by parsing: nothing of a course is imported, but for the rule on public checks.
"""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.checking.public import run_public
from grader.checking.recorder import Wanted
from grader.checking.student import load_student
from grader.course import find_course
from grader.model import Assignment, Outcome
from grader.teaching.source import generate, source_of, stale

ROOT = Path(__file__).parent.parent
TINY = ROOT / "tests" / "tiny"
LANGUAGES = {"README.md": r"(\d+(?:\.\d+)?) points?\)", "README.zh.md": r"(\d+(?:\.\d+)?)\s*分）"}


def assignments() -> Iterator[tuple[Path, str]]:
    for root in (ROOT, TINY):
        for folder in sorted((root / "assignments").glob("[0-9]*")):
            yield root, folder.name


ASSIGNMENTS = [pytest.param(*where, id=where[1]) for where in assignments()]


def decorated(files: Iterator[Path], decorator: str) -> list[ast.FunctionDef | ast.ClassDef]:
    return [
        node
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        if any(isinstance(each, ast.Call) and ast.unparse(each.func) == decorator for each in node.decorator_list)
    ]


def checks(assignment: Assignment) -> list[ast.FunctionDef | ast.ClassDef]:
    return decorated(source_of(assignment).parent.rglob("test_hidden*.py"), "check")


def misconceptions(assignment: Assignment) -> list[ast.FunctionDef | ast.ClassDef]:
    folder = source_of(assignment).parent
    files = (file for pattern in ("misconceptions*.py", "misconceptions/*.py") for file in folder.glob(pattern))
    return decorated(files, "misconception")


def catalogue(assignment: Assignment, table: str) -> dict[str, str]:
    text = (source_of(assignment).parent / "titles.zh.toml").read_text(encoding="utf-8")
    return tomllib.loads(text).get(table, {})


def difference(wanted: set[str], there: set[str]) -> list[str]:
    return [*(f"missing: {name}" for name in wanted - there), *(f"of nothing: {name}" for name in there - wanted)]


def without_chinese(said: dict[str, str]) -> list[str]:
    return [f"not Chinese: {name}" for name, text in said.items() if not re.search(r"[\u4e00-\u9fff]", text)]


def handouts(assignment: Assignment) -> list[str]:
    return [(assignment.folder / name).read_text(encoding="utf-8") for name in LANGUAGES]


# ---- the rules -------------------------------------------------------------------------------------------------


def no_generated_file_is_stale(assignment: Assignment) -> list[str]:
    return [f"{path.name} is stale: run grader build" for path in stale(generate(assignment))]


def every_check_has_a_title_in_both_languages(assignment: Assignment) -> list[str]:
    said = catalogue(assignment, "titles")
    untitled = [f"no docstring: {check.name}" for check in checks(assignment) if not ast.get_docstring(check)]
    names = {check.name.removeprefix("test_") for check in checks(assignment)}
    return [*untitled, *difference(names, set(said)), *without_chinese(said)]


def every_misconception_has_a_chinese_hint(assignment: Assignment) -> list[str]:
    said = catalogue(assignment, "hints")
    return [*difference({each.name for each in misconceptions(assignment)}, set(said)), *without_chinese(said)]


def both_handouts_have_the_same_code(assignment: Assignment) -> list[str]:
    english, chinese = (re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL) for text in handouts(assignment))
    return [] if english == chinese else [f"{len(english)} and {len(chinese)} code blocks, or other ones"]


def both_handouts_have_the_same_signatures(assignment: Assignment) -> list[str]:
    names = "|".join(re.escape(name.split(".")[0]) for part in assignment.parts for name in part.names)
    english, chinese = (set(re.findall(rf"`((?:{names})\([^`]*)`", text)) for text in handouts(assignment))
    return difference(english, chinese)


def both_handouts_name_each_parts_points(assignment: Assignment) -> list[str]:
    wanted = [part.points for part in assignment.parts]
    headings = ["\n".join(re.findall(r"^#.*", text, re.MULTILINE)) for text in handouts(assignment)]
    stated = {
        name: [float(points) for points in re.findall(LANGUAGES[name], heading)]
        for name, heading in zip(LANGUAGES, headings, strict=True)
    }
    return [f"{name}: the headings say {points}, not {wanted}" for name, points in stated.items() if points != wanted]


def the_stub_is_formatted(assignment: Assignment) -> list[str]:
    stub = (assignment.folder / f"{assignment.module}.py").read_text(encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff", "format", "--config", str(ROOT / "pyproject.toml"), "--stdin-filename"]
    done = subprocess.run([*ruff, "stub.py", "-"], input=stub.encode(), capture_output=True, check=True)
    return [] if done.stdout.decode() == stub else ["ruff would format it in another way"]


def the_solution_passes_the_public_checks_and_the_stub_attempts_none(assignment: Assignment) -> list[str]:
    said = []
    wanted = {source_of(assignment): Outcome.PASSED, assignment.folder / f"{assignment.module}.py": None}
    for path, outcome in wanted.items():
        run = run_public(assignment, load_student(assignment, path), path.name, Wanted())
        allowed = (outcome or Outcome.NOT_ATTEMPTED, Outcome.PENDING)
        said += [
            f"{check.name}: {check.outcome} {check.message}" for check in run.checks if check.outcome not in allowed
        ]
        parts = {number for number, _, _ in run.by_part()}
        said += [f"no public check of part {n}" for n in range(1, len(assignment.parts) + 1) if n not in parts]
    return said


Rule = Callable[[Assignment], list[str]]
SOLUTION, HANDOUT = "solutions/01_tiny/", "assignments/01_tiny/"
RULES: dict[Rule, list[tuple[str, str, str]]] = {  # with what spoils the tiny course: a file, a text, another
    no_generated_file_is_stale: [
        (SOLUTION + "tiny.py", "Return twice x", "Return 2 x"),
        (HANDOUT + "tiny.ipynb", "Doubling", "Doublings"),
    ],
    every_check_has_a_title_in_both_languages: [
        (SOLUTION + "titles.zh.toml", 'keeps_dtype = "', 'keeps_type = "'),
        (SOLUTION + "titles.zh.toml", "输出是输入的两倍", "twice the input"),
        (SOLUTION + "test_hidden_scale.py", '    """A negative factor is refused."""\n', ""),
        (SOLUTION + "test_hidden_scale.py", "def test_scale_values", "def test_values_of_scale"),
    ],
    every_misconception_has_a_chinese_hint: [
        (SOLUTION + "titles.zh.toml", "adds_two = ", "adds_too = "),
        (SOLUTION + "misconceptions.py", "def adds_the_factor", "def adds_a_factor"),
    ],
    both_handouts_have_the_same_code: [(HANDOUT + "README.zh.md", "def double(x: Tensor)", "def double(x)")],
    both_handouts_have_the_same_signatures: [(HANDOUT + "README.md", "`Scaler(factor)`", "`Scaler(f)`")],
    both_handouts_name_each_parts_points: [
        (HANDOUT + "README.md", "(60 points)", "(50 points)"),
        (HANDOUT + "README.zh.md", "（40 分）", ""),
        (HANDOUT + "assignment.toml", "points = 60\n", "points = 60.5\n"),
    ],
    the_stub_is_formatted: [(HANDOUT + "tiny.py", "(x: Tensor)", "( x: Tensor )")],
    the_solution_passes_the_public_checks_and_the_stub_attempts_none: [
        (SOLUTION + "tiny.py", "torch.add(x, x)", "torch.mul(x, x)"),
        (HANDOUT + "test_public.py", "Scaler(3.0)(torch.tensor([2.0])).tolist()", "[6.0]"),
        (HANDOUT + "test_public.py", "double(x)", "x + x"),
    ],
}


@pytest.fixture(autouse=True)
def _path_as_before(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_there_is_something_to_examine():
    names = {parameters.id for parameters in ASSIGNMENTS}
    assert {
        "01_tiny",
        "02_export_registry",
        "03_stochastic_approximation",
        "05_upsampling",
        "06_linear_attention",
        "08_adamw",
    } <= names
    tiny = find_course(TINY).assignment("tiny")
    assert {check.name for check in checks(tiny)} >= {"test_values", "test_keeps_dtype"}
    assert {each.name for each in misconceptions(tiny)} == {"adds_two", "adds_the_factor", "takes_any_factor"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize(("root", "name"), ASSIGNMENTS)
def test_rule(root, name, rule):
    assert rule(find_course(root).assignment(name)) == []


@pytest.mark.parametrize(
    ("rule", "file", "text", "other"), [(rule, *spoilt) for rule, all_spoilt in RULES.items() for spoilt in all_spoilt]
)
def test_a_rule_can_fail(tmp_path, rule, file, text, other):
    shutil.copytree(TINY, tmp_path / "tiny")
    path = tmp_path / "tiny" / file
    before = path.read_text(encoding="utf-8")
    assert text in before
    path.write_text(before.replace(text, other), encoding="utf-8")
    if file.endswith("assignment.toml"):
        path.write_text(path.read_text().replace("points = 40", "points = 39.5"))
    assert rule(find_course(tmp_path / "tiny").assignment("tiny")) != []
