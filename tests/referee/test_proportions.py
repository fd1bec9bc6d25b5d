"""Answers that are off by a factor or an amount, everywhere or along an axis. Which one is never said."""

from __future__ import annotations

import pytest
import torch

from grader.referee.compare import difference

X = torch.tensor([[1.5, -2.0, 4.0], [0.25, 8.0, -3.0], [7.0, 0.5, 11.0]], dtype=torch.float64)
Z = torch.tensor([1 + 2j, -3j, 2 - 1j], dtype=torch.complex128)
T = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
BY = torch.tensor([2.0, 3.0, 5.0])
ROWS = torch.tensor([[2.0, 3.0, 5.0], [7.0, 1.5, 0.5]])[..., None]

PROPORTIONS = [
    pytest.param(3 * X, X, "is too large by a constant factor", id="larger"),
    pytest.param(X / 3, X, "is too small by a constant factor", id="smaller"),
    pytest.param(X.half() / 3, X.half(), "is too small by a constant factor", id="smaller, of half"),
    pytest.param(
        -3 * X, X, "differs from what is expected by a constant factor, which is negative", id="negative"
    ),
    pytest.param(Z * 1j, Z, "differs from what is expected by a constant factor", id="a turn"),
    pytest.param(X.tril() * 3, X.tril(), "is too large by a constant factor", id="where much is 0"),
    pytest.param(
        X * BY, X, "differs from what is expected by a factor that changes along axis 1 only", id="columns"
    ),
    pytest.param(
        T * ROWS, T, "differs from what is expected by a factor that is constant along axis 2", id="not normalised"
    ),
    pytest.param(X + 5, X, "is too large by a constant amount", id="more"),
    pytest.param(X - 5, X, "is too small by a constant amount", id="less"),
    pytest.param(Z + 5, Z, "differs from what is expected by a constant", id="a shift"),
    pytest.param(
        X + BY[:, None], X, "differs from what is expected by an amount that changes along axis 0 only", id="rows"
    ),
    pytest.param(
        T + ROWS, T, "differs from what is expected by an amount that is constant along axis 2", id="a bias"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("actual", "expected", "sentence"), PROPORTIONS)
def test_what_it_is_off_by_is_said_but_not_how_much(actual, expected, sentence):
    assert difference(actual, expected) == f"the answer {sentence}"


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        pytest.param(torch.tensor([2.0, 5.0]), torch.tensor([1.0, 2.5]), id="two numbers"),
        pytest.param(torch.tensor([[2.0], [5.0], [4.0]]), torch.tensor([[1.0], [3.0], [1.0]]), id="one a row"),
        pytest.param(torch.tensor([4.0, 0.0, 0.0]), torch.tensor([1.0, 0.0, 0.0]), id="one that is not 0"),
    ],
)
def test_what_fits_any_numbers_is_not_said(actual, expected):
    found = difference(actual, expected) or ""
    assert found.startswith("the answer")
    assert "factor" not in found
