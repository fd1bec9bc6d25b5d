import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from grader.course import find_course
from grader.errors import CourseError
from grader.teaching.source import generate, stale

TINY = Path(__file__).parent.parent / "tiny"


@pytest.fixture
def tiny(tmp_path):
    root = tmp_path / "tiny"
    shutil.copytree(TINY, root)
    return root


def generated(root: Path) -> dict[str, str]:
    found = generate(find_course(root).assignment("tiny"))
    return {path.relative_to(root).as_posix(): text for path, text in found.items()}


STUB = "assignments/01_tiny/tiny.py"
NOTEBOOKS = ["assignments/01_tiny/tiny.ipynb", "solutions/01_tiny/tiny.ipynb"]


def test_a_source_makes_a_stub_and_two_notebooks(tiny):
    assert sorted(generated(tiny)) == sorted([STUB, *NOTEBOOKS])


def test_generating_again_makes_the_same_bytes(tiny):
    assert generated(tiny) == generated(tiny)


def test_the_stub_holds_nothing_of_the_solution(tiny):
    for name in (STUB, NOTEBOOKS[0]):
        text = generated(tiny)[name]
        assert "SOLUTION" not in text
        assert "twice" not in text.replace("Return twice", "")
        assert text.count("raise NotImplementedError") == 3


def test_the_stub_is_formatted_and_imports(tiny):
    text = generated(tiny)[STUB]
    ruff = [sys.executable, "-m", "ruff", "format", "--line-length", "120", "--stdin-filename", "stub.py", "-"]
    formatted = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True)
    assert formatted.stdout == text
    namespace: dict = {}
    exec(text, namespace)
    with pytest.raises(NotImplementedError, match=r"^Scaler.__init__: see README.md, part 2$"):
        namespace["Scaler"](1.0)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_valid(tiny, name):
    nbformat.validate(nbformat.reads(generated(tiny)[name], as_version=4))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_nbgraders_own_validator_accepts_a_notebook(tiny, name):
    nbgraderformat = pytest.importorskip("nbgrader.nbgraderformat", reason="nbgrader comes with an extra")
    nbgraderformat.reads(generated(tiny)[name], as_version=4)


def test_both_notebooks_call_a_cell_to_be_filled_in_the_same(tiny):
    marked = [
        [cell["id"] for cell in json.loads(generated(tiny)[name])["cells"] if "nbgrader" in cell["metadata"]]
        for name in NOTEBOOKS
    ]
    assert marked == [["double", "Scaler"], ["double", "twice", "Scaler"]]


def test_a_solution_notebook_holds_the_solution_with_its_markers(tiny):
    text = generated(tiny)[NOTEBOOKS[1]]
    assert "return twice(x)" in text
    assert text.count("# BEGIN SOLUTION") == text.count("# END SOLUTION") == 4


def test_only_what_differs_is_stale(tiny):
    wanted = generate(find_course(tiny).assignment("tiny"))
    assert stale(wanted) == ()
    (tiny / STUB).write_bytes((tiny / STUB).read_bytes() + b"\n")
    (tiny / NOTEBOOKS[0]).unlink()
    assert stale(wanted) == (tiny / STUB, tiny / NOTEBOOKS[0])


def test_without_a_solution_nothing_can_be_generated(tiny):
    shutil.rmtree(tiny / "solutions")
    with pytest.raises(CourseError, match="no solution to generate"):
        generated(tiny)


def test_a_solution_without_its_source_is_named(tiny):
    (tiny / "solutions/01_tiny/tiny.py").unlink()
    with pytest.raises(CourseError, match="source of the assignment is not there") as raised:
        generated(tiny)
    assert raised.value.place.endswith("tiny.py")


def test_a_source_that_is_not_utf_8_is_named(tiny):
    (tiny / "solutions/01_tiny/tiny.py").write_bytes("# é\n".encode("latin-1"))
    with pytest.raises(CourseError, match="not UTF-8"):
        generated(tiny)
