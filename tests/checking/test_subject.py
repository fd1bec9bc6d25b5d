from pathlib import Path

import pytest

from grader.checking.subject import names_used, part_number
from grader.model import Assignment, Part

PARTS = (
    Part("mean", "Mean", 20, names=("MeanEstimator",)),
    Part("steps", "Steps", 40, names=("step", "Schedule")),
    Part("sgd", "SGD", 40, names=("SGD",)),
    Part("averaging", "Averaging", 10, names=("SGD.average",)),
    Part("state", "State", 10, names=("SGD",)),
)
ASSIGNMENT = Assignment("01_x", 1, "x", "X", "x", PARTS, Path())


def through_another():
    return uses_step()


def uses_step():
    return [step(n) for n in range(3)]  # noqa: F821 only its name is looked at


def with_a_lambda():
    return map(lambda n: step(n), ())  # noqa: C417, F821


def recursive():
    return recursive() or step()  # noqa: F821


@pytest.mark.parametrize("function", [uses_step, through_another, with_a_lambda, recursive])
def test_a_name_is_found_wherever_a_check_uses_it(function):
    assert "step" in names_used(function)


@pytest.mark.parametrize(
    ("name", "used", "number"),
    [
        pytest.param("a", {"step"}, 2, id="by the name it uses"),
        pytest.param("a", {"step", "MeanEstimator"}, 2, id="by the last part it uses"),
        pytest.param("a", {"SGD"}, 3, id="by the first part that has the name"),
        pytest.param("a", {"SGD", "average"}, 4, id="by a method"),
        pytest.param("state_of_sgd", {"SGD"}, 5, id="by the part's id in its own name"),
        pytest.param("mean_of_steps", {"step"}, 2, id="by an id in its name only where it uses the part"),
        pytest.param("a", {"torch"}, 0, id="by nothing"),
    ],
)
def test_a_check_belongs_to_a_part(name, used, number):
    assert part_number(name, frozenset(used), ASSIGNMENT) == number
