from pathlib import Path

import pytest

from grader.errors import UnknownAssignment
from grader.names import folder_called

FOLDERS = ("01_linear_models", "03_stochastic_approximation", "08_adamw")


@pytest.mark.parametrize(
    "name",
    [
        "3",
        "03",
        "assignment3",
        "Assignment_3",
        "hw3",
        "03_stochastic_approximation",
        "stochastic_approximation",
        "stochastic-approximation",
        "assignments/03_stochastic_approximation/",
    ],
)
def test_an_assignment_has_many_names(name):
    assert folder_called(name, FOLDERS, Path()) == "03_stochastic_approximation"


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("adam", "did you mean 08_adamw?"),
        ("stochastic", "did you mean 03_stochastic_approximation?"),
        ("12", "the assignments are 01_linear_models, 03_stochastic_approximation, 08_adamw"),
        ("quantum", "the assignments are 01_linear_models, 03_stochastic_approximation, 08_adamw"),
    ],
)
def test_an_unknown_name_gets_the_nearest_or_all(name, step):
    with pytest.raises(UnknownAssignment) as caught:
        folder_called(name, FOLDERS, Path())
    assert caught.value.step == step


def test_a_number_that_two_assignments_have_is_not_guessed():
    with pytest.raises(UnknownAssignment, match="'8' could be 08_adam or 08_adamw"):
        folder_called("8", ("08_adam", "08_adamw"), Path())


def test_where_there_is_none_that_is_said():
    with pytest.raises(UnknownAssignment) as caught:
        folder_called("8", (), Path("course"))
    assert (caught.value.place, caught.value.step) == ("course", "the assignments are none yet")
