"""Right values in wrong places."""

from __future__ import annotations

import re

import pytest
import torch

from grader.referee.compare import difference

X = torch.tensor([[1.5, -2.0, 4.0], [0.25, 8.0, -3.0], [7.0, 0.5, 11.0]], dtype=torch.float64)
T = torch.arange(24.0).reshape(2, 3, 4) ** 2
CUBE = torch.arange(27).reshape(3, 3, 3) ** 2
LINE = torch.tensor([3, 1, 4, 1, 5, 9])
MASK = torch.tensor([True, False, False, True, False, False, False, True])

ARRANGEMENTS = [
    pytest.param(X.T, X, "is the transpose of what is expected", id="transpose"),
    pytest.param(CUBE.transpose(0, 2), CUBE, "is what is expected with axes 0 and 2 swapped", id="axes of one size"),
    pytest.param(X.flip(1), X, "is what is expected in reverse order along axis 1", id="reverse"),
    pytest.param(LINE.flip(0), LINE, "is what is expected in reverse order along axis 0", id="reverse of integers"),
    pytest.param(
        torch.cat([X[:1] * 0, X[:-1]]), X,
        "is one step late along axis 0: each entry is what is expected one index earlier", id="late",
    ),
    pytest.param(
        LINE.roll(-1), LINE,
        "is one step early along axis 0: each entry is what is expected one index later", id="early"
    ),
    pytest.param(
        MASK.roll(1), MASK, "is one step late along axis 0: each entry is what is expected one index earlier", id="mask"
    ),
    pytest.param(X[[1, 0, 2]], X, "has the right entries along axis 0, but in another order", id="order of rows"),
    pytest.param(X[:, [1, 0, 2]], X, "has the right entries along axis 1, but in another order", id="order of columns"),
    pytest.param(LINE.sort().values, LINE, "has the right entries along axis 0, but in another order", id="sorted"),
    pytest.param(
        T.transpose(1, 2).reshape(2, 3, 4), T,
        "has the right values, but in other places", id="reshaped, not transposed"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("actual", "expected", "sentence"), ARRANGEMENTS)
def test_what_was_moved_is_said(actual, expected, sentence):
    assert difference(actual, expected) == f"the answer {sentence}"


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        pytest.param(torch.tensor([True, False, False]), torch.tensor([False, True, False]), id="three bools"),
        pytest.param(torch.tensor([0.0, 5.0]), torch.tensor([5.0, 0.0]), id="two numbers"),
        pytest.param(torch.tensor([7.0, 2.0, 2.0, 2.0]), torch.tensor([9.0, 2.0, 2.0, 2.0]), id="a flat line"),
    ],
)
def test_what_could_be_chance_is_not_said(actual, expected):
    assert re.search(r"is expected (everywhere|in \d of \d places)", difference(actual, expected) or "")
