"""The mark `careless`: a check says which carelessness it is lost by."""

import pytest

from grader.errors import CheckDefect
from grader.referee.submission import suite_and_checks
from tests.referee.tiny import a_course, in_session

CHECK = '''
@pytest.mark.careless({})
@check("double", points=100)
def test_double(same):
    """Twice."""
    same("double", T([1.0]))
'''


def habits(solution):
    return in_session(solution, lambda s: [check.careless for check in suite_and_checks(s.items)[1].values()])


@pytest.mark.parametrize("said", ['"dtype"', '"inputs"', '"inputs", "dtype"'])
def test_a_check_names_habits(tmp_path, said):
    assert habits(a_course(tmp_path, CHECK.format(said))) == [{word.strip(' "') for word in said.split(",")}]


def test_a_check_without_the_mark_names_none(tmp_path):
    solution = a_course(tmp_path, CHECK.format('"dtype"').replace('@pytest.mark.careless("dtype")\n', ""))
    assert habits(solution) == [frozenset()]


@pytest.mark.parametrize("said", ["", '"dtyp"', 'kind="dtype"'])
def test_another_word_is_refused(tmp_path, said):
    with pytest.raises(CheckDefect, match='careless has "dtype" and "inputs"'):
        habits(a_course(tmp_path, CHECK.format(said)))
