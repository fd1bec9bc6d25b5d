"""Which mutants a solution has."""

from pathlib import Path

import pytest

from grader.errors import CourseError
from grader.proving.mutants.making import mutants_of

BEGIN, END = "    # BEGIN SOLUTION\n", "    # END SOLUTION\n"


def changes(body, *, before="", signature="f(x)", after=""):
    """What the lines of a function's solution become."""
    text = f"{before}def {signature}:\n{BEGIN}{body}{END}{after}"
    return {(mutant.was, mutant.becomes) for mutant in mutants_of(text, Path("solution.py"))}


def test_an_operator_becomes_another_and_a_number_the_next():
    assert changes("    return x + 1\n") == {("return x + 1", "return x - 1"), ("return x + 1", "return x + 2")}


def test_an_argument_is_left_out_or_none():
    assert changes("    return g(x, k=x)\n") == {
        ("return g(x, k=x)", f"return {other}") for other in ("g(None, k=x)", "g(x, k=None)", "g(k=x)", "g(x, )")
    }


def test_a_mutant_is_the_whole_module_with_one_line_changed():
    text = f"import math\n\n\n# a comment\ndef f(x):\n{BEGIN}    return x * 2  # twice\n{END}\n\nn = 3\n"
    for mutant in mutants_of(text, Path("solution.py")):
        assert mutant.text.replace(mutant.becomes, mutant.was) == text
        assert mutant.line == 7


def test_a_mutant_says_in_which_function_it_is():
    text = (
        f"class A:\n    class B:\n        def f(self):\n    {BEGIN}            return 1\n    {END}"
        f"def g():\n{BEGIN}    def inner():\n        return 1\n    return inner\n{END}"
    )
    assert [mutant.function for mutant in mutants_of(text, Path("solution.py"))] == ["A.B.f", "g"]


def test_what_is_outside_of_solutions_is_not_changed():
    assert changes("    return x\n", before="n = 1\n", after="def given(x):\n    return x + 1\n") == set()


def test_a_region_outside_of_functions_has_mutants_too():
    (one,) = mutants_of("# BEGIN SOLUTION\nn = g\n# END SOLUTION\n", Path("solution.py"))
    assert (one.function, one.was, one.becomes) == ("", "n = g", "n = None")


def test_the_defaults_of_a_function_that_a_student_writes_are_changed():
    assert changes("    return x\n", signature="f(x=1)") == {("def f(x=1):", "def f(x=2):")}
    assert changes("    return x\n", before="def given(x=1):\n    return x\n") == set()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("raise ValueError('a text', 1)", id="the message of an exception"),
        pytest.param("raise ValueError(f'{x + 1}')", id="a message that is made"),
        pytest.param("'a docstring'", id="a docstring"),
        pytest.param("import math as m", id="an import"),
        pytest.param("y: 'a + b'", id="an annotation"),
        pytest.param("isinstance(x, g)", id="a call that nothing but raising would come of"),
    ],
)
def test_what_no_check_can_notice_is_left_alone(line):
    assert changes(f"    {line}\n") == set()


def test_what_is_raised_for_a_number_can_be_noticed():
    assert ("raise SystemExit(2)", "raise SystemExit(3)") in changes("    raise SystemExit(2)\n")


def test_the_condition_of_an_exception_is_changed():
    assert ("if x < y:", "if x <= y:") in changes("    if x < y:\n        raise ValueError('no')\n")


def test_what_is_the_same_program_is_no_mutant():
    becomes = {after for _, after in changes("    return 2**0\n")}
    assert becomes == {"return 2**1", "return 2 * 0"}  # 3**0 is 1 too, and Python has worked it out


def test_two_changes_that_come_to_the_same_are_one_mutant():
    both = {becomes for _, becomes in changes("    return 1 + 1\n")}
    assert len(both & {"return 2 + 1", "return 1 + 2"}) == 1


def test_a_change_over_several_lines_names_those_that_changed():
    was_and_becomes = changes("    return g(\n        x,\n        y + 1,\n    )\n")
    assert ("y + 1,", "y - 1,") in was_and_becomes


def test_a_source_that_does_not_parse_is_refused_with_its_line():
    with pytest.raises(CourseError, match="does not parse"):
        mutants_of("def f(:\n", Path("solution.py"))


def test_a_diff_shows_the_change_and_a_line_around_it():
    text = f"def f(x):\n{BEGIN}    y = x\n    return y + 1\n{END}"
    mutant = next(m for m in mutants_of(text, Path("solution.py")) if m.becomes == "return y - 1")
    assert mutant.diff(text).splitlines() == [
        "@@ -3,3 +3,3 @@",
        "     y = x",
        "-    return y + 1",
        "+    return y - 1",
        "     # END SOLUTION",
    ]
