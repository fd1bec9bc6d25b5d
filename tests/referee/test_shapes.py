"""Another shape: what is too many, missing or in another order, and whether the values are right. Never the shape."""

from __future__ import annotations

import pytest
import torch

from grader.referee.compare import difference

X = torch.tensor([[1.5, -2.0, 4.0], [0.25, 8.0, -3.0], [7.0, 0.5, 11.0]], dtype=torch.float64)
T = torch.arange(24.0).reshape(2, 3, 4)

SHAPES = [
    pytest.param(X[0], X, "has one axis too few", id="an axis less, and it could be either"),
    pytest.param(X, X[0], "has one axis too many", id="an axis more, and it could be either"),
    pytest.param(T.sum(1), T, "has one axis too few: axis 1 is missing", id="summed up"),
    pytest.param(
        T.sum(1, keepdim=True), T.sum(1), "has one axis too many: without axis 1 its shape would be right", id="kept"
    ),
    pytest.param(X[0, 0], X, "has too few axes", id="axes less"),
    pytest.param(X[None, None], X, "has the right values, but in another shape than expected", id="axes of size 1"),
    pytest.param(X[None, None] + 1, X, "has too many axes", id="axes more"),
    pytest.param(X[:2].T, X[:2], "is the transpose of what is expected", id="transpose"),
    pytest.param(T.transpose(0, 2), T, "is what is expected with axes 0 and 2 swapped", id="two axes swapped"),
    pytest.param(T.permute(1, 2, 0), T, "has its axes in another order than expected", id="all axes moved"),
    pytest.param(X[:2].reshape(3, 2), X[:2], "has its axes in another order than expected", id="not transposed"),
    pytest.param(T.reshape(4, 3, 2), T, "has its axes in another order than expected", id="reshaped"),
    pytest.param(T.reshape(2, 2, 6), T, "has the right values, but in another shape than expected", id="the values"),
    pytest.param(
        X[:, :2], X, "has one element too few along axis 1: the last is missing, the others are right", id="no last"
    ),
    pytest.param(
        X[1:], X, "has one element too few along axis 0: the first is missing, the others are right", id="no first"
    ),
    pytest.param(
        X, X[1:], "has one element too many along axis 0: without the first it would be right", id="a first"
    ),
    pytest.param(X, X[:-1], "has one element too many along axis 0: without the last it would be right", id="a last"),
    pytest.param(X[:2] + 1, X, "has one element too few along axis 0", id="an element less"),
    pytest.param(X + 1, X[:2], "has one element too many along axis 0", id="an element more"),
    pytest.param(X[:1], X, "has too few elements along axis 0", id="elements less"),
    pytest.param(X, X[:1], "has too many elements along axis 0", id="elements more"),
    pytest.param(X[:, :2].float(), X, "has one element too few along axis 1", id="of another dtype, too"),
    pytest.param(X[:0], X[:1], "has one element too few along axis 0", id="nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("actual", "expected", "sentence"), SHAPES)
def test_what_is_wrong_with_a_shape_is_said(actual, expected, sentence):
    assert difference(actual, expected) == f"the answer {sentence}"


def test_a_shape_on_another_device_is_compared_too():
    assert (
        difference(torch.empty(2, device="meta"), torch.empty(3)) == "the answer has one element too few along axis 0"
    )
