from pathlib import Path

import pytest

from grader.errors import CourseError
from grader.model import Assignment, Part
from grader.teaching.stub import make_stub

SOURCE = Path("solutions/01_x/x.py")


def assignment(*names: tuple[str, ...]) -> Assignment:
    parts = tuple(Part(f"part{n}", "Part", 10, names=each) for n, each in enumerate(names, 1))
    return Assignment("01_x", 1, "x", "X", "x", parts, Path("assignments/01_x"))


def stub(text: str, *names: tuple[str, ...]) -> str:
    return make_stub(text, SOURCE, assignment(*(names or (("f",),))))[0]


FUNCTION = '''def f(x):
    """Say it."""
    # BEGIN SOLUTION
    return x + 1
    # END SOLUTION
'''


def test_a_function_keeps_its_signature_and_docstring_and_says_where_to_read():
    assert stub(FUNCTION) == (
        'def f(x):\n    """Say it."""\n    raise NotImplementedError("f: see README.md, part 1")\n'
    )


def test_what_stands_beside_the_region_is_given():
    text = "def f(x):\n    x = x.clone()\n    # BEGIN SOLUTION\n    return x + 1\n    # END SOLUTION\n"
    assert stub(text) == 'def f(x):\n    x = x.clone()\n    raise NotImplementedError("f: see README.md, part 1")\n'


def test_the_number_is_that_of_the_part_which_asks_for_the_function():
    assert "f: see README.md, part 2" in stub("g = 1\n" + FUNCTION, ("g",), ("f",))


def test_a_class_of_several_parts_names_them_all():
    assert "f: see README.md, parts 1, 3" in stub("g = 1\n" + FUNCTION, ("f",), ("g",), ("f",))


def test_a_part_that_names_a_method_wins_over_one_that_names_the_class():
    text = "class A:\n    def f(self):\n        # BEGIN SOLUTION\n        return 1\n        # END SOLUTION\n"
    assert "A.f: see README.md, part 2" in stub(text, ("A",), ("A.f",))


HELPER = """# BEGIN SOLUTION
def helper(x):
    return x


# END SOLUTION
"""


def test_a_cell_that_is_all_region_disappears():
    assert stub(f"# %%\nimport a\n\n\n# %%\n{HELPER}\n\n# %%\n{FUNCTION}").startswith("# %%\nimport a\n\n\n# %%\ndef f")


def test_a_last_cell_that_is_all_region_disappears():
    assert stub(f"# %%\n{FUNCTION}\n\n# %%\n{HELPER}").endswith('part 1")\n')


def test_a_region_at_module_level_takes_the_blank_lines_after_it_along():
    assert stub(f"# %%\nimport a\n\n\n{HELPER}\n\n{FUNCTION}").startswith("# %%\nimport a\n\n\ndef f")


def test_a_region_that_begins_its_cell_leaves_the_rest():
    assert stub(f"# %%\n{HELPER}\n\n{FUNCTION}").startswith("# %%\ndef f")


def test_a_module_without_cells_is_a_source_too():
    assert stub(f"{HELPER}\n\n{FUNCTION}").startswith("def f")


@pytest.mark.parametrize(
    ("text", "names", "problem", "place"),
    [
        pytest.param(FUNCTION, ("g",), "no part has f", f"{SOURCE}, line 3", id="a function of no part"),
        pytest.param(FUNCTION, ("f", "g"), "asks for 'g', which the stub lacks", str(SOURCE), id="a name without cell"),
        pytest.param(
            FUNCTION + "\n\n" + HELPER, ("f", "helper"), "asks for 'helper'", str(SOURCE), id="a name that disappears"
        ),
        pytest.param(
            "class A:\n    x = 1\n\n\n" + FUNCTION, ("f", "A.g"), "asks for 'A.g'", str(SOURCE), id="a method not there"
        ),
        pytest.param(
            FUNCTION + '\n\nHINT = """\n# BEGIN SOLUTION\n"""\n', ("f",), "a marker", f"{SOURCE}, line 9", id="a marker"
        ),
        pytest.param(
            "def f(x):\n    # BEGIN SOLUTION\n    return (x * x).mean(dim=-1)\n    # END SOLUTION\n\n\n"
            "def g(x):\n    return (x * x).mean(dim=-1)\n",
            ("f",),
            "still holds this solution",
            f"{SOURCE}, line 2",
            id="the solution, given elsewhere",
        ),
    ],
)
def test_a_stub_that_is_not_what_it_must_be_is_refused(text, names, problem, place):
    with pytest.raises(CourseError, match=problem) as raised:
        stub(text, names)
    assert raised.value.place == place


def test_what_is_trivial_may_stand_elsewhere_too():
    text = "def f(x):\n    # BEGIN SOLUTION\n    return x\n    # END SOLUTION\n\n\ndef g(x):\n    return x\n"
    assert "def g(x):\n    return x" in stub(text)
