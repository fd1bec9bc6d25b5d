"""A tensor of wrong values: the pattern that says most about the mistake."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from grader.referee import kinds
from grader.referee.compare import difference

X = torch.tensor([[1.5, -2.0, 4.0], [0.25, 8.0, -3.0], [7.0, 0.5, 11.0]], dtype=torch.float64)
Z = torch.tensor([1 + 2j, -3j, 2 - 1j], dtype=torch.complex128)
POSITIVE = X.abs() / 3


def but(index: Any, value: Any, values: torch.Tensor = X) -> torch.Tensor:
    """The same values, but for what is at this index."""
    other = values.clone()
    other[index] = torch.as_tensor(value, dtype=values.dtype)
    return other


def moved(index: Any, values: torch.Tensor = X) -> torch.Tensor:
    """The same values, but for those at this index, which are wrong without a pattern."""
    noise = torch.randn(values.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return but(index, (values + 3 * noise)[index], values)


def inside(dtype: str) -> str:
    return f"has the precision of {dtype} only: something in it is computed in {dtype}"


KINDS = [
    pytest.param(X * math.nan, X, "is NaN everywhere", id="NaN"),
    pytest.param(
        but((0, 1), math.nan), X,
        "is NaN in 1 of 9 places, at index 0 of axis 0 and index 1 of axis 1",
        id="one NaN",
    ),
    pytest.param(but(-1, math.nan), X, "is NaN in 3 of 9 places, all at the last index of axis 0", id="a row of NaN"),
    pytest.param(but(-1, math.inf), X, "is infinite in 3 of 9 places, all at the last index of axis 0", id="infinity"),
    pytest.param(
        but(-1, [math.inf, math.nan, 0]), X,
        "is NaN or infinite in 2 of 9 places, all at the last index of axis 0",
        id="both",
    ),
    pytest.param(math.nan, 1.0, "is NaN", id="a number that is none"),
    pytest.param(X.half() * math.nan, X.half(), "is NaN everywhere", id="NaN of half"),
    pytest.param(X.float().double() / 3, (X.double() / 3), None, id="the same"),
    pytest.param((X / 3).float().double(), X / 3, inside("float32"), id="float32 inside"),
    pytest.param((X / 3).half().double(), X / 3, inside("float16"), id="float16 inside"),
    pytest.param((X / 3).bfloat16().float(), (X / 3).float(), inside("bfloat16"), id="bfloat16 in a float32"),
    pytest.param(float(torch.tensor(1 / 3)), 1 / 3, inside("float32"), id="a number of float32"),
    pytest.param(0.25, 0.2500001, "differs from what is expected by less than a thousandth", id="a round number"),
    pytest.param(X * (1 + 1e-5), X, "differs from what is expected by less than a thousandth everywhere", id="nearly"),
    pytest.param(
        but(0, X[0] * (1 + 1e-5)), X,
        "differs from what is expected by less than a thousandth in 3 of 9 places, all at index 0 of axis 0",
        id="nearly, in a row",
    ),
    pytest.param(
        but((0, 0), 1e-5),
        but((0, 0), 0),
        "is close to what is expected, but not close enough"
        " in 1 of 9 places, at index 0 of axis 0 and index 0 of axis 1",
        id="roughly",
    ),
    pytest.param(-X, X, "has the opposite sign of what is expected", id="sign"),
    pytest.param(-X.bfloat16(), X.bfloat16(), "has the opposite sign of what is expected", id="sign of bfloat16"),
    pytest.param(-2.5, 2.5, "has the opposite sign of what is expected", id="sign of a number"),
    pytest.param(X < 2, X >= 2, "is the opposite of what is expected, everywhere", id="a mask turned round"),
    pytest.param(Z.conj(), Z, "is the complex conjugate of what is expected", id="conjugate"),
    pytest.param(X * 0, X, "is 0 everywhere, which is not expected", id="zeros"),
    pytest.param(0.0, 2.5, "is 0, which is not expected", id="zero"),
    pytest.param(X * 0 + 2.5, X, "is the same everywhere, which is not expected", id="one number"),
    pytest.param(X > 100, X > 2, "is the same everywhere, which is not expected", id="one bool"),
    pytest.param(
        X * 0 + 3, X * 0 + 2,
        "is the same everywhere, as is expected, but not the right value",
        id="another number",
    ),
    pytest.param(POSITIVE**2, POSITIVE, "is the square of what is expected", id="square"),
    pytest.param(POSITIVE.sqrt(), POSITIVE, "is the square root of what is expected", id="root"),
    pytest.param(1 / POSITIVE, POSITIVE, "is one over what is expected", id="reciprocal"),
    pytest.param(POSITIVE.log(), POSITIVE, "is the logarithm of what is expected", id="logarithm"),
    pytest.param(POSITIVE.exp(), POSITIVE, "is the exponential of what is expected", id="exponential"),
    pytest.param(
        but(0, -X[0]), X,
        "has the right size, but the wrong sign in 3 of 9 places, all at index 0 of axis 0",
        id="signs",
    ),
    pytest.param(
        but(0, 0.0), X,
        "is 0 where it should not be in 3 of 9 places, all at index 0 of axis 0",
        id="zeros in a row",
    ),
    pytest.param(
        but(0, 3 * X[0]), X,
        "differs from what is expected by a constant factor in 3 of 9 places, all at index 0 of axis 0",
        id="a factor in a row",
    ),
    pytest.param(
        but(0, 3 + X[0]), X,
        "differs from what is expected by a constant in 3 of 9 places, all at index 0 of axis 0",
        id="an amount in a row",
    ),
    pytest.param(X + POSITIVE, X, "is larger than expected everywhere", id="larger"),
    pytest.param(X - POSITIVE - 1, X, "is smaller than expected everywhere", id="smaller"),
    pytest.param(2.5, 2.0, "is larger than expected", id="a larger number"),
    pytest.param(1.5, 2.0, "is smaller than expected", id="a smaller number"),
    pytest.param(moved(...), X, "differs from what is expected everywhere", id="everywhere"),
    pytest.param(
        moved((1, 1)), X,
        "differs from what is expected in 1 of 9 places, at index 1 of axis 0 and index 1 of axis 1",
        id="one place",
    ),
    pytest.param(
        moved((1, 1)).half(), X.half(),
        "differs from what is expected in 1 of 9 places, at index 1 of axis 0 and index 1 of axis 1",
        id="one place of half",
    ),
    pytest.param(
        torch.tensor([1, 2, 9]), torch.tensor([1, 3, 8]),
        "differs from what is expected in 2 of 3 places, all from index 1 of axis 0 on",
        id="integers",
    ),
    pytest.param(
        torch.tensor([1, 4, 9]), torch.tensor([1, 3, 8]),
        "is one more than expected in 2 of 3 places, all from index 1 of axis 0 on",
        id="one more",
    ),
    pytest.param(
        torch.tensor([1, 2, 7]), torch.tensor([1, 3, 8]),
        "is one less than expected in 2 of 3 places, all from index 1 of axis 0 on",
        id="one less",
    ),
    pytest.param(1 + 2j, 3 - 1j, "differs from what is expected", id="a complex number"),
    pytest.param(
        torch.tensor([1.0, 2.0]), torch.tensor([1.0, math.inf]),
        "differs from what is expected in 1 of 2 places, at index 1 of axis 0",
        id="a number for infinity",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("actual", "expected", "sentence"), KINDS)
def test_the_pattern_is_said(actual, expected, sentence):
    assert difference(actual, expected) == (sentence and f"the answer {sentence}")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_an_error_that_is_a_few_times_what_16_bits_explain_is_said_to_be_small(dtype):
    noise = 1 + 0.04 * torch.randn(300, generator=torch.Generator().manual_seed(0)).sign()
    expected = torch.linspace(1, 3, 300).to(dtype)
    found = difference((expected * noise).to(dtype), expected)
    assert found == "the answer is close to what is expected, but not close enough everywhere"


def test_infinities_that_are_expected_do_not_hide_a_pattern():
    masked = X.clone().masked_fill(X > 7, -math.inf)
    assert difference(masked * 3, masked) == "the answer is too large by a constant factor"


def test_no_pattern_is_looked_for_among_too_many_values(monkeypatch):
    monkeypatch.setattr(kinds, "MOST_VALUES", 8)
    assert difference(X.T, X) == "the answer differs from what is expected in 6 of 9 places"


def test_noise_has_no_pattern():
    """Each sentence but those of places is rare by chance: here it is never said of 300 random answers."""
    drawn = torch.Generator().manual_seed(1)
    said = set()
    for shape in [(4,), (6,), (3, 4), (5, 5), (2, 3, 4)]:
        for _ in range(60):
            expected, actual = torch.randn(2, *shape, generator=drawn, dtype=torch.float64)
            said.add(difference(actual, expected))
    words = ("differs from what is expected", "is larger than expected", "is smaller than expected")
    assert said <= {f"the answer {those} everywhere" for those in words}
