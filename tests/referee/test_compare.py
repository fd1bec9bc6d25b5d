"""Each kind of difference has its own sentence, and no sentence has a value in it."""

from __future__ import annotations

import math
import re
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.referee.compare import difference, same_values

X = torch.tensor([[1.5, -2.0, 4.0], [0.25, 8.0, -3.0], [7.0, 0.5, 11.0]], dtype=torch.float64)


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


DIFFERENCES = [
    pytest.param(None, X, "is None where a tensor is expected", id="None"),
    pytest.param([1.0], X, "is a list where a tensor is expected", id="a list for a tensor"),
    pytest.param(X, 1.0, "is a tensor where a float is expected", id="a tensor for a float"),
    pytest.param(X, [1.0], "is a tensor where a list is expected", id="a tensor for a list"),
    pytest.param(X, {"a": 1}, "is a tensor where a dict is expected", id="a tensor for a dict"),
    pytest.param(X, X.numpy(), "is a tensor where an array is expected", id="a tensor for an array"),
    pytest.param(True, 1, "is a bool where an int is expected", id="a bool for an int"),
    pytest.param(1.0, 1, "is a float where an int is expected", id="a float for an int"),
    pytest.param(2**2000, 2.0, "is an int where a float is expected", id="an int beyond all floats"),
    pytest.param({}, {"b": 1, "c": 2}, "lacks 2 keys", id="keys that are missing"),
    pytest.param({"a": 1, "b": 1}, {"b": 1}, "has 1 key too many", id="a key too many"),
    pytest.param(
        {"a": 1}, {"b": 1, "c": 1}, "has other keys than expected: 2 missing, 1 too many", id="other keys"
    ),
    pytest.param(dict.fromkeys(range(999)), {}, "has other keys than expected", id="more keys than are counted"),
    pytest.param([1], [1, 2], "has one item too few", id="one item less"),
    pytest.param([1, 2], [1], "has one item too many", id="one item more"),
    pytest.param([1], [1, 2, 3], "has too few items", id="items less"),
    pytest.param([1, 2, 3], [1], "has too many items", id="items more"),
    pytest.param([3, 1, 2], [1, 2, 3], "has the right items in another order", id="order of items"),
    pytest.param(5, 4, "is one more than expected", id="one more"),
    pytest.param(3, 4, "is one less than expected", id="one less"),
    pytest.param(7, 4, "is not the expected int", id="an int"),
    pytest.param(True, False, "is not the expected bool", id="a bool"),
    pytest.param("b", "a", "is not the expected string", id="a string"),
    pytest.param("Ab", "aB", "differs from the expected string in upper and lower case only", id="case"),
    pytest.param("a b\n", "a  b", "differs from the expected string in white space only", id="white space"),
    pytest.param(torch.float32, torch.float64, "is not the expected dtype", id="a dtype for another"),
    pytest.param(X.float(), X, "is float32 where float64 is expected", id="dtype"),
    pytest.param(X.float().numpy(), X.numpy(), "is float32 where float64 is expected", id="array dtype"),
    pytest.param(
        np.ones(2, dtype=np.longdouble), np.ones(2), "is float128 where float64 is expected",
        id="a dtype that torch does not know",
        marks=pytest.mark.skipif(np.dtype(np.longdouble).itemsize != 16, reason="longdouble is double here"),
    ),
    pytest.param(torch.empty(2, device="meta"), torch.empty(2), "is on meta where cpu is expected", id="device"),
]  # fmt: skip


@pytest.mark.parametrize(("actual", "expected", "sentence"), DIFFERENCES)
def test_a_difference_has_its_sentence(actual, expected, sentence):
    assert difference(actual, expected) == f"the answer {sentence}"


SEVERAL = [
    pytest.param([1, 2], [1, 3], "it[1] is one less than expected", id="one of two"),
    pytest.param([1, 7], [3, 3], "it[0] is not the expected int; the other value is wrong too", id="both"),
    pytest.param([9, 9, 9], [1, 2, 3], "it[0] is not the expected int; all 2 other values are wrong too", id="all"),
    pytest.param(
        {"a": [9, 2], "b": 9}, {"a": [1, 2], "b": [3]},
        "it['a'][0] is not the expected int; also wrong: 1 of the 2 other values", id="some, in the whole tree",
    ),
    pytest.param([0] * 200, [7] * 200, "it[0] is not the expected int; other values are wrong too", id="many"),
    pytest.param([7] * 150 + [0] * 2, [7] * 152, "it[…] is not the expected int; other values are wrong too", id="far"),
]  # fmt: skip


@pytest.mark.parametrize(("actual", "expected", "sentence"), SEVERAL)
def test_how_many_more_there_are_is_said_after_the_first(actual, expected, sentence):
    assert difference(actual, expected, name="it") == sentence


def test_the_place_is_named_as_the_check_names_it():
    found = difference({"step": [X, X]}, {"step": [X, -X]}, name="the state")
    assert found == "the state['step'][1] has the opposite sign of what is expected"


def test_a_check_can_ask_for_other_tolerances():
    assert difference(X + 1e-3, X, atol=1e-2) is None
    assert difference(X * (1 + 1e-3), X, rtol=1e-2) is None
    assert difference(X + 1e-12, X, rtol=0, atol=0) is not None


# ---- what is a difference is what the table of tolerances says --------------------------------------------------

TOLERANT = {torch.float64: (1e-9, 1e-11), torch.float32: (1e-4, 1e-5)}
WAYS = [1.0, -1.0, math.nan]
SPECIAL = st.sampled_from([0.0, 1.0, -3.0, math.nan, math.inf, -math.inf])


def is_within(actual: float, expected: float, rtol: float, atol: float) -> bool:
    if math.isnan(expected) or not math.isfinite(expected):
        return actual == expected or (math.isnan(actual) and math.isnan(expected))
    return math.isfinite(actual) and abs(actual - expected) <= atol + rtol * abs(expected)


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from([torch.float64, torch.float32]),
    st.lists(st.tuples(SPECIAL, st.sampled_from([0.0, 0.5, 0.9, 1.1, 30.0, 1e9])), min_size=1, max_size=4),
    st.sampled_from(WAYS),
)
def test_there_is_a_difference_where_an_element_is_beyond_its_limit_and_nowhere_else(dtype, drawn, way):
    rtol, atol = TOLERANT[dtype]
    expected = [e for e, _ in drawn]
    actual = [e + times * (atol + rtol * abs(e)) if math.isfinite(e) else e * way for e, times in drawn]
    right = all(map(partial(is_within, rtol=rtol, atol=atol), actual, expected))
    assert (difference(*(torch.tensor(x, dtype=dtype) for x in (actual, expected))) is None) == right
    assert same_values([torch.tensor(actual, dtype=dtype)], [torch.tensor(expected, dtype=dtype)]) == right


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(-2, 2), min_size=1, max_size=4), st.lists(st.integers(-2, 2), min_size=1, max_size=4))
def test_whole_numbers_are_exact(actual, expected):
    assert (difference(actual, expected) is None) == (actual == expected)
    assert (difference(torch.tensor(actual), torch.tensor(expected)) is None) == (actual == expected)


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
    lambda x: x.flip(0),
    lambda x: x.roll(1, 0),
    lambda x: x.sort(-1).values,
    lambda x: x**2,
    lambda x: x * (1 + 1e-5),
    lambda x: x.float().double(),
    lambda x: x.long(),
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
