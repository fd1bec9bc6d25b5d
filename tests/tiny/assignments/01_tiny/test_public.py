"""What you can check yourself: run `pytest` or `grader check` in this folder. It earns no points."""

import pytest
import torch
from tiny import Scaler, double


@pytest.mark.parametrize("value", [0.0, 1.0, -3.0])
def test_double_of_a_number(value):
    """Twice a number, as in the handout."""
    x = torch.tensor([value])
    assert torch.equal(double(x), x + x), f"double([{value}]) should be [{value + value}]"


def test_double_keeps_the_shape():
    """The answer has the shape of the input."""
    x = torch.ones(2, 3)
    assert double(x).shape == x.shape, "double should change values, not the shape"


def test_scaler_multiplies():
    """Scaler(3) of 2 is 6."""
    assert Scaler(3.0)(torch.tensor([2.0])).tolist() == [6.0], "3 times 2 is 6"


def test_scaler_refuses_a_negative_factor():
    """A negative factor is a ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011 - any message will do
        Scaler(-1.0)
