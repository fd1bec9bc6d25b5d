"""The rule `misconceptions` can fail, in each of its ways."""

import pytest

from tests.proving.spoilt import a_sound_course, add_to, change, found, remarks

AGAIN = """
@misconception(replaces="double", hint="The same once more.", fails=["values"])
def plus_two(x):
    return 2 + x
"""
FLOATS_TOO = """
@misconception(replaces="double", hint="Its author takes it for a mistake with floats.", fails=["values"])
def floats_too(x):
    return 2.0 * x
"""


@pytest.mark.parametrize(
    ("old", "new", "about", "said"),
    [
        (
            'fails=["values"]',
            'fails=["values", "valeus"]',
            "adds_two: fails valeus",
            "names 'valeus', which is no check",
        ),
        (
            'fails=["values"]',
            'fails=["values", "refuses"]',
            "adds_two: refuses",
            "adds_two passes refuses, which it should fail",
        ),
        (
            'fails=["of_integers"]',
            'fails=["values", "of_integers"]',
            "always_floats: values",
            "passes values, which it should fail",
        ),
        ("return x + 2\n", "return 2 * x\n", "adds_two: loses nothing", "loses nothing at all"),
    ],
    ids=["a misspelt name", "a check of another part", "too much is named", "not wrong at all"],
)
def test_what_it_should_lose_is_held_against_what_it_loses(tmp_path, old, new, about, said):
    solution = a_sound_course(tmp_path)
    change(solution / "misconceptions.py", old, new)
    findings = found(solution, "misconceptions")
    assert said in findings[about]


def test_what_replaces_a_name_of_no_part_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    add_to(solution, "misconceptions.py", AGAIN.replace('"double"', '"twice"'))
    problem = found(solution, "misconceptions")["plus_two: replaces"]
    assert problem == "plus_two replaces 'twice', which no part asks for"


def test_two_that_answer_alike_are_told_by_nothing(tmp_path):
    solution = a_sound_course(tmp_path)
    add_to(solution, "misconceptions.py", AGAIN)
    findings = found(solution, "misconceptions")
    assert findings.keys() == {"adds_two: not told in double", "plus_two: not told in double"}


def test_one_that_is_taken_for_another_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    add_to(solution, "misconceptions.py", FLOATS_TOO)
    problem = found(solution, "misconceptions")["floats_too: of_integers tells always_floats"]
    assert problem == "floats_too is taken for always_floats by of_integers"


def test_a_title_or_a_hint_of_nothing_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    change(solution / "titles.zh.toml", "adds_two =", "adds_tow =")
    change(solution / "titles.zh.toml", "values =", "valeus =")
    assert found(solution, "misconceptions") == {
        "titles.zh.toml: valeus": "titles.zh.toml: titles has 'valeus', which is not there",
        "titles.zh.toml: adds_tow": "titles.zh.toml: hints has 'adds_tow', which is not there",
    }


def test_what_is_lost_beside_is_a_remark(tmp_path):
    solution = a_sound_course(tmp_path)
    change(solution / "test_hidden_own.py", ", after=test_values", "")
    assert remarks(solution, "misconceptions") == ["adds_two also fails of_integers, which it does not name"]
