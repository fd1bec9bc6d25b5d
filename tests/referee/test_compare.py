"""Each kind of difference has its own sentence, and no sentence has a value in it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.referee.compare import difference

X = torch.tensor([[1.5, -2.0, 4.0], [0.25, 8.0, -3.0], [7.0, 0.5, 11.0]], dtype=torch.float64)


def changed(index: Any, values: torch.Tensor = X) -> torch.Tensor:
    other = values.clone()
    other[index] = other[index] * 3 + 1 + torch.arange(other[index].numel()).reshape(other[index].shape) ** 2
    return other


# ---- alike -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        pytest.param([1, 2.0, "a"], [1, 2.0, "a"], id="a list"),
        pytest.param((1, 2), [1, 2], id="a tuple for a list"),
        pytest.param(3, 3.0, id="an int for a float"),
        pytest.param(np.asarray(3.0), 3.0, id="an array of no axes for a float"),
        pytest.param(float("nan"), float("nan"), id="NaN"),
        pytest.param(1 + 1e-12, 1.0, id="rounding"),
        pytest.param({"a": [X]}, {"a": [X.clone()]}, id="a tree"),
        pytest.param(X.numpy(), X.numpy().copy(), id="arrays"),
        pytest.param(np.float64(2.0), np.float64(2.0), id="numbers of numpy"),
        pytest.param(torch.empty(0, 3), torch.empty(0, 3), id="empty tensors"),
        pytest.param(torch.tensor([1j, float("nan")]), torch.tensor([1j, float("nan")]), id="complex tensors"),
        pytest.param(X.bfloat16() * 1.004, X.bfloat16(), id="rounding of bfloat16"),
        pytest.param(torch.float32, torch.float32, id="dtypes"),
        pytest.param(None, None, id="None"),
    ],
)
def test_there_is_no_difference(actual, expected):
    assert difference(actual, expected) is None


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("special", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_equals_itself_and_nothing_else(dtype, special):
    expected = torch.tensor([1.0, special, 3.0], dtype=dtype)
    assert difference(expected.clone(), expected) is None
    assert difference(torch.tensor([1.0, 2.0, 3.0], dtype=dtype), expected) is not None


# ---- different -------------------------------------------------------------------------------------------------

EXPECTED = "differs from what is expected"


@pytest.mark.parametrize(
    ("actual", "expected", "sentence"),
    [
        pytest.param(None, X, "the answer is None where a tensor is expected", id="None"),
        pytest.param([1.0], X, "the answer is a list where a tensor is expected", id="a list for a tensor"),
        pytest.param(X, 1.0, "the answer is a tensor where a float is expected", id="a tensor for a float"),
        pytest.param(X, [1.0], "the answer is a tensor where a list is expected", id="a tensor for a list"),
        pytest.param(X, {"a": 1}, "the answer is a tensor where a dict is expected", id="a tensor for a dict"),
        pytest.param(X, X.numpy(), "the answer is a tensor where an array is expected", id="a tensor for an array"),
        pytest.param(True, 1, "the answer is a bool where an int is expected", id="a bool for an int"),
        pytest.param(1.0, 1, "the answer is a float where an int is expected", id="a float for an int"),
        pytest.param({"a": 1}, {"b": 1}, "the answer has other keys than expected", id="keys"),
        pytest.param([1], [1, 2], "the answer has one item too few", id="one item less"),
        pytest.param([1, 2], [1], "the answer has one item too many", id="one item more"),
        pytest.param([1], [1, 2, 3], "the answer has too few items", id="items"),
        pytest.param({"a": [1, 2]}, {"a": [1, 3]}, "the answer['a'][1] is not the expected int", id="a leaf"),
        pytest.param("b", "a", "the answer is not the expected str", id="a string"),
        pytest.param(X[0], X, "the answer has one axis too few", id="an axis"),
        pytest.param(X[0, 0], X, "the answer has too few axes", id="axes"),
        pytest.param(X[:2].T, X[:2], "the answer has its axes in another order than expected", id="order of axes"),
        pytest.param(X[:, :2], X, "the answer has one element too few along axis 1", id="an element"),
        pytest.param(X[:1], X, "the answer has too few elements along axis 0", id="elements"),
        pytest.param(X.float(), X, "the answer is float32 where float64 is expected", id="dtype"),
        pytest.param(X.float().numpy(), X.numpy(), "the answer is float32 where float64 is expected", id="array dtype"),
        pytest.param(
            np.ones(2, dtype=np.longdouble), np.ones(2), "the answer is float128 where float64 is expected",
            id="a dtype that torch does not know",
            marks=pytest.mark.skipif(np.dtype(np.longdouble).itemsize != 16, reason="longdouble is double here"),
        ),
        pytest.param(X * torch.nan, X, "the answer has NaN where numbers are expected", id="NaN"),
        pytest.param(X * torch.inf, X, "the answer has infinity where numbers are expected", id="infinity"),
        pytest.param(X.half() * torch.nan, X.half(), "the answer has NaN where numbers are expected", id="NaN of half"),
        pytest.param(-X, X, "the answer has the opposite sign of what is expected", id="sign"),
        pytest.param(-2.5, 2.5, "the answer has the opposite sign of what is expected", id="sign of a float"),
        pytest.param(X * 0, X, "the answer is the same number everywhere, which is not expected", id="zeros"),
        pytest.param(3 * X, X, f"the answer {EXPECTED} by a constant factor", id="factor"),
        pytest.param(X * 0 + 3, X * 0 + 2, f"the answer {EXPECTED} by a constant factor", id="one constant, another"),
        pytest.param(X + 5, X, f"the answer {EXPECTED} by a constant", id="offset"),
        pytest.param(X.T, X, "the answer is the transpose of what is expected", id="transpose"),
        pytest.param(changed(0), X, f"the answer {EXPECTED} in its first entry along axis 0 only", id="first"),
        pytest.param(changed(-1), X, f"the answer {EXPECTED} in its last entry along axis 0 only", id="last"),
        pytest.param(changed([1, 2]), X, f"the answer {EXPECTED} from its second entry along axis 0 on", id="rest"),
        pytest.param(changed(...), X, f"the answer {EXPECTED} everywhere", id="everywhere"),
        pytest.param(changed((1, 1)), X, f"the answer {EXPECTED} in some places", id="some places"),
        pytest.param(changed((1, 1)).bfloat16(), X.bfloat16(), f"the answer {EXPECTED}", id="bfloat16"),
        pytest.param(torch.tensor([1, 2]), torch.tensor([1, 3]), f"the answer {EXPECTED}", id="integers"),
        pytest.param(1 + 2j, 1 - 2j, f"the answer {EXPECTED}", id="complex numbers"),
        pytest.param(2**2000, 2.0, "the answer is an int where a float is expected", id="an int beyond all floats"),
    ],
)  # fmt: skip
def test_a_difference_has_its_sentence(actual, expected, sentence):
    assert difference(actual, expected) == sentence


def test_the_place_is_named_as_the_check_names_it():
    found = difference({"step": [X, X]}, {"step": [X, -X]}, name="the state")
    assert found == "the state['step'][1] has the opposite sign of what is expected"


def test_a_device_is_compared():
    assert difference(torch.empty(2, device="meta"), torch.empty(2)) == "the answer is on meta where cpu is expected"


def test_a_check_can_ask_for_other_tolerances():
    assert difference(X + 1e-3, X, atol=1e-2) is None
    assert difference(X * (1 + 1e-3), X, rtol=1e-2) is None
    assert difference(X + 1e-12, X, rtol=0, atol=0) is not None


# ---- no value in any sentence ----------------------------------------------------------------------------------

BIG = st.integers(1000, 10**9)
FLOATS = st.floats(1000.5, 1e9).map(lambda x: round(x) + 0.125)
TENSORS = st.lists(FLOATS, min_size=1, max_size=6).map(lambda xs: torch.tensor(xs, dtype=torch.float64))
SQUARES = st.lists(FLOATS, min_size=4, max_size=4).map(lambda xs: torch.tensor(xs, dtype=torch.float64).reshape(2, 2))
LEAVES = st.one_of(
    BIG, FLOATS, BIG.map(str), TENSORS, SQUARES, TENSORS.map(lambda x: x.numpy()), st.none(), st.booleans()
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=5,
)
WRONG = (
    lambda x: -x,
    lambda x: 3 * x,
    lambda x: x + 5000,
    lambda x: x * float("nan"),
    lambda x: x[..., :1],
    lambda x: x.mT if x.ndim == 2 else x[None],
    lambda x: x.to(torch.float32),
    lambda x: torch.cat([x[:1] + 7000, x[1:]]),
    lambda x: torch.cat([x[:1], x[1:] * 2 + 9000]),
    lambda x: x * 0 + 4321.5,
    lambda x: x.tolist(),
)


def assert_says_nothing(actual: Any, expected: Any) -> None:
    said = difference(actual, expected) or ""
    assert re.findall(r"\d{3,}|\d\.\d", said) == []


@settings(deadline=None, max_examples=150)
@given(TREES, TREES)
def test_no_value_is_in_the_sentence_about_two_trees(actual, expected):
    assert_says_nothing(actual, expected)


@settings(deadline=None, max_examples=150)
@given(TENSORS | SQUARES, st.sampled_from(WRONG))
def test_no_value_is_in_the_sentence_about_two_tensors(expected, wrong):
    assert_says_nothing(wrong(expected), expected)
    assert_says_nothing({"a": [wrong(expected)]}, {"a": [expected]})
