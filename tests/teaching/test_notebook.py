import json

import pytest

from grader.teaching.notebook import notebook

MODULE = """# %% [markdown]
# # Title

# %%
import torch


# %%
def f(x):
    raise NotImplementedError("f")


# %% tags=["demo"]
# %matplotlib inline
print(1)
"""


def cells(module: str = MODULE, *lines: str) -> list:
    return json.loads(notebook(module, lines))["cells"]


def test_a_cell_is_a_cell_and_markdown_is_markdown():
    assert [(cell["cell_type"], "".join(cell["source"])) for cell in cells()] == [
        ("markdown", "# Title"),
        ("code", "import torch"),
        ("code", 'def f(x):\n    raise NotImplementedError("f")'),
        ("code", "%matplotlib inline\nprint(1)"),
    ]


def test_the_bytes_are_the_same_each_time():
    assert notebook(MODULE, []) == notebook(MODULE, [])


def test_a_cell_is_called_by_what_it_defines_and_else_by_what_it_says():
    ids = [cell["id"] for cell in cells()]
    assert ids[2] == "f"
    assert ids[1].startswith("code-")
    assert ids[0].startswith("markdown-")


def test_a_new_cell_changes_no_other_cells_id():
    ids = [cell["id"] for cell in cells()]
    more = [cell["id"] for cell in cells(MODULE.replace("# %%\nimport", "# %%\nx = 1\n\n# %%\nimport"))]
    assert set(more) > set(ids)


@pytest.mark.parametrize(
    "twice", ["# %%\nx = 1\n\n# %%\nx = 1\n", "# %%\ndef f(): ...\n\n# %%\nclass f: ...\n"], ids=["text", "name"]
)
def test_two_cells_that_would_be_called_alike_are_told_apart(twice):
    first, second = (cell["id"] for cell in cells(twice))
    assert second == f"{first}-2"


@pytest.mark.parametrize("name", ["梯度", "f" * 100], ids=["Chinese", "long"])
def test_a_name_that_no_id_can_be_is_not_taken(name):
    (cell,) = cells(f"# %%\ndef {name}(): ...\n")
    assert cell["id"].isascii()
    assert len(cell["id"]) <= 64


def test_a_cell_to_be_filled_in_is_nbgraders_solution_cell_and_no_other_is():
    marked = [cell["metadata"].get("nbgrader") for cell in cells(MODULE, '    raise NotImplementedError("f")')]
    assert marked == [
        None,
        None,
        {
            "cell_type": "code",
            "grade": False,
            "grade_id": "f",
            "locked": False,
            "schema_version": 3,
            "solution": True,
        },
        None,
    ]


def test_what_a_cell_says_of_itself_is_kept_and_the_layout_is_not():
    assert [cell["metadata"] for cell in cells()] == [{}, {}, {}, {"tags": ["demo"]}]
