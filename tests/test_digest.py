from pathlib import Path

import pytest
from msgspec import structs

from grader.digest import assignment_digest
from grader.model import Assignment, Limits, Part

SOURCE = '''# %% [markdown]
# # The handout's text
# %%
def double(x):
    """Twice x."""
    return 2 * x
'''


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    solution = tmp_path / "solutions" / "01_tiny"
    for name, text in {
        "tiny.py": SOURCE,
        "probes.py": "def p(student): ...\n",
        "test_hidden_double.py": "def test_a(): ...\n",
        "conftest.py": "X = 1\n",
        "cases.json": "[1, 2]\n",
        "misconceptions.py": "def m(): ...\n",
        "misconceptions_more/extra.py": "def m(): ...\n",
        "alternatives/other.py": "def double(x): return x + x\n",
        "titles.zh.toml": "[titles]\n",
        "tiny.ipynb": "{}",
    }.items():
        (solution / name).parent.mkdir(parents=True, exist_ok=True)
        (solution / name).write_text(text)
    parts = (Part(id="double", title="Doubling", points=100, names=("double",), forbidden=("torch.mul",)),)
    folder = tmp_path / "assignments" / "01_tiny"
    return Assignment("01_tiny", 1, "tiny", "Tiny", "tiny", parts, folder, solution)


def changed(assignment: Assignment, name: str, old: str, new: str) -> bool:
    """Tell whether this edit of a file changes the digest."""
    assert assignment.solution is not None
    before = assignment_digest(assignment)
    file = assignment.solution / name
    file.parent.mkdir(exist_ok=True)
    text = file.read_text() if file.exists() else ""
    assert old in text
    file.write_text(text.replace(old, new) if old else text + new)
    return assignment_digest(assignment) != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("tiny.py", "2 * x", "3 * x"),
        ("probes.py", "...", "return 1"),
        ("test_hidden_double.py", "...", "assert 1"),
        ("conftest.py", "1", "2"),
        ("cases.json", "2", "3"),
        ("cases.json", "\n", "\r\n"),
        ("test_hidden_more.py", "", "def test_b(): ...\n"),
        ("data/weights.bin", "", "x"),
        ("probes.py", "...", "("),
    ],
)
def test_what_decides_a_result_changes_the_digest(assignment, name, old, new):
    assert changed(assignment, name, old, new)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("tiny.py", "handout's text", "handout's better text"),
        ("tiny.py", "Twice x.", "Two times x."),
        ("tiny.py", "\n", "\r\n"),
        ("probes.py", "...", "...  # a comment"),
        ("misconceptions.py", "...", "return 0"),
        ("misconceptions_more/extra.py", "...", "return 0"),
        ("alternatives/other.py", "x + x", "2 * x"),
        ("titles.zh.toml", "", "a = 'b'\n"),
        ("tiny.ipynb", "{}", "[]"),
        ("README.md", "", "text"),
        ("__pycache__/tiny.cpython-311.pyc", "", "x"),
        (".ipynb_checkpoints", "", "x"),
    ],
)
def test_handouts_hints_and_layout_regrade_nobody(assignment, name, old, new):
    assert not changed(assignment, name, old, new)


def test_a_check_reads_its_title_from_its_docstring_so_that_counts(assignment):
    assert changed(assignment, "test_hidden_double.py", "...", '\n    """A title."""')


def test_a_file_that_moved_is_another_file(assignment):
    before = assignment_digest(assignment)
    (assignment.solution / "cases.json").rename(assignment.solution / "case.json")
    assert assignment_digest(assignment) != before


@pytest.mark.parametrize("change", [{"points": 99}, {"forbidden": ()}, {"names": ()}, {"id": "triple"}])
def test_points_names_and_forbidden_calls_count(assignment, change):
    other = structs.replace(assignment, parts=(structs.replace(assignment.parts[0], **change),))
    assert assignment_digest(other) != assignment_digest(assignment)


def test_limits_count(assignment):
    other = structs.replace(assignment, limits=Limits(call_seconds=1))
    assert assignment_digest(other) != assignment_digest(assignment)


@pytest.mark.parametrize("change", [{"title": "Other"}, {"hours": 9}, {"source": "elsewhere"}])
def test_what_an_assignment_is_called_does_not_count(assignment, change):
    assert assignment_digest(structs.replace(assignment, **change)) == assignment_digest(assignment)


def test_where_it_lies_does_not_count(assignment, tmp_path):
    moved = assignment.solution.rename(tmp_path / "elsewhere")
    assert assignment_digest(structs.replace(assignment, solution=moved)) == assignment_digest(
        structs.replace(assignment, solution=moved.rename(tmp_path / "again"))
    )


def test_a_handout_alone_has_a_digest(assignment):
    assert len(assignment_digest(structs.replace(assignment, solution=None))) == 64
