"""What comes along with a module can be written beside it: no name is a file's and a folder's."""

from __future__ import annotations

import pytest

from grader.intake.package import load_tree
from grader.intake.tree import Tree
from tests.intake.handed_in import WORK, assignment, notebook


@pytest.mark.parametrize(
    ("files", "beside"),
    [
        pytest.param({"x/tiny.py": WORK.encode(), "x/a": b"1", "a/b": b"2"}, {"a", "x/a"}, id="a folder outside"),
        pytest.param({"x/tiny.py": WORK.encode(), "x/a/b": b"1", "a": b"2"}, {"a/b", "x/a/b"}, id="a file outside"),
        pytest.param({"tiny.ipynb": notebook(WORK), "tiny.py/x": b"1"}, set(), id="a folder called as the module"),
        pytest.param({"x/tiny.py": WORK.encode(), "x/a": b"1", "a": b"2"}, {"a", "x/a"}, id="the same name"),
    ],
)
def test_what_is_in_the_way_of_a_file_is_left_out(files, beside):
    loaded = load_tree(Tree(files), assignment(), "ada")
    ours = {"tiny.py", "__grader_cells__.py", "__grader_standins__.py"}
    assert loaded.files.keys() - ours == beside
    assert loaded.files.get("a", b"1") == b"1"
