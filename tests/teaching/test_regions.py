from pathlib import Path

import pytest

from grader.errors import CourseError
from grader.teaching.regions import Region, find_regions

SOURCE = Path("solutions/01_x/x.py")


def lines(*texts: str) -> str:
    return "\n".join(texts) + "\n"


def test_a_region_in_a_function_belongs_to_it():
    text = lines("def f(x):", "    y = x", "    # BEGIN SOLUTION", "    return y", "    # END SOLUTION")
    assert find_regions(text, SOURCE) == (Region(3, 5, "f"),)


def test_a_region_in_a_method_belongs_to_the_method_of_its_class():
    text = lines(
        "class A:", "    def f(self):", "        # BEGIN SOLUTION", "        return 1", "        # END SOLUTION"
    )
    assert find_regions(text, SOURCE) == (Region(3, 5, "A.f"),)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(["def f(x):", "  def g():"], id="a function in it"),
        pytest.param(["def f(x):", "  for a in x:"], id="a loop"),
        pytest.param(["async def f(x):", "  try:", "    pass", "  except ValueError:"], id="an except clause"),
        pytest.param(["def f(x):", "  match x:", "   case 1:"], id="a case"),
        pytest.param(["def f(x):", "  if x:", "    pass", "  else:"], id="an else"),
    ],
)
def test_a_region_in_a_block_of_a_function_belongs_to_the_function(before):
    text = lines(*before, "    # BEGIN SOLUTION", "    return 1", "    # END SOLUTION")
    assert [region.owner for region in find_regions(text, SOURCE)] == ["f"]


def test_a_region_around_whole_functions_belongs_to_none():
    text = lines("# BEGIN SOLUTION", "@cache", "def f():", "    return 1", "# END SOLUTION", "x = 1")
    assert find_regions(text, SOURCE) == (Region(1, 5, ""),)


def test_a_marker_in_a_string_is_text():
    assert find_regions(lines('x = "# BEGIN SOLUTION"', '"""', "# END SOLUTION", '"""'), SOURCE) == ()


BEGIN, END = "    # BEGIN SOLUTION", "    # END SOLUTION"


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        pytest.param(["def f(:"], "does not parse", 1, id="not Python"),
        pytest.param(["def f():", BEGIN, "    return 1"], "never ends", 2, id="open"),
        pytest.param(["def f():", "    return 1", END], "ends that never began", 3, id="never began"),
        pytest.param(["def f():", BEGIN, BEGIN, "    return 1", END, END], "begins inside another", 3, id="nested"),
        pytest.param(["def f():", BEGIN, "    # later", END, "    return 1"], "holds no statement", 2, id="empty"),
        pytest.param(["def f():", "    return 1", BEGIN, END], "holds no statement", 3, id="empty, after all"),
        pytest.param(
            ["def f():", "    return (", BEGIN, "    1", END, "    )"],
            "cuts a statement in two",
            3,
            id="in an expression",
        ),
        pytest.param(["def f():", BEGIN, "    return (", END, "    1)"], "cuts a statement in two", 2, id="cut end"),
        pytest.param(
            ["# BEGIN SOLUTION", "def f():", "    return 1", "    # END SOLUTION", "    x = 2"],
            "cuts a statement in two",
            1,
            id="from the module into a function",
        ),
        pytest.param(
            ["@a", "# BEGIN SOLUTION", "def f():", "    return 1", "# END SOLUTION"], "cuts", 2, id="after a decorator"
        ),
        pytest.param(["class A:", BEGIN, "    x = 1", END], "lies in A, outside of any function", 2, id="class body"),
        pytest.param(["if x:", BEGIN, "    x = 1", END], "lies in a block, outside of any function", 2, id="a block"),
        pytest.param(
            ["# %%", "# BEGIN SOLUTION", "x = 1", "# %%", "y = 1", "# END SOLUTION"], "another cell", 2, id="two cells"
        ),
        pytest.param(["def f():", "    # Begin solution", "    return 1", END], "almost a marker", 2, id="misspelt"),
        pytest.param(["def f():", "    return 1  # BEGIN SOLUTION"], "almost a marker", 2, id="beside code"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text, problem, line):
    with pytest.raises(CourseError, match=problem) as raised:
        find_regions(lines(*text), SOURCE)
    assert raised.value.place == f"{SOURCE}, line {line}"
