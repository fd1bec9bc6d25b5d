"""How much of each limit is used, told to whoever asks and to nobody else."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from grader.checks import CheckFailed, assert_close, at_most, grows
from grader.referee.calibrated import beyond_budget, coarsest
from grader.referee.compare import difference
from grader.referee.margins import Margin, kept, note, observed, observing, share

X = torch.tensor([1.0, -2.0, 0.0], dtype=torch.float64)


def used(actual, expected, **tolerances) -> list[float]:
    with observed() as seen:
        difference(actual, expected, **tolerances)
    return [margin.used for margin in seen]


# ---- who asks ----------------------------------------------------------------------------------------------------


def test_nothing_is_worked_out_where_nobody_asks():
    assert not observing()
    note("the answer", 0.5)
    with observed() as seen:
        assert observing()
        note("the answer", 0.5)
    note("the answer", 0.5)
    assert seen == [Margin("the answer", 0.5)]


def test_who_asks_inside_has_it_alone():
    with observed() as outer:
        with observed() as inner:
            note("inner", 0.1)
        note("outer", 0.2)
    assert (inner, outer) == ([Margin("inner", 0.1)], [Margin("outer", 0.2)])


def test_margins_are_kept_by_check_where_there_is_something_to_keep_them_in():
    by_check: dict[str, list[Margin]] = {}
    with kept(by_check, "one"):
        note("the answer", 0.5)
    with kept(by_check, "two"):
        pass
    with kept(None, "three"):
        assert not observing()
    assert by_check == {"one": [Margin("the answer", 0.5)], "two": []}


def test_they_are_kept_though_the_check_fails():
    by_check: dict[str, list[Margin]] = {}
    with pytest.raises(CheckFailed), kept(by_check, "one"):
        at_most(3, 2)
    assert by_check == {"one": [Margin("FLOPs", 1.5)]}


@pytest.mark.parametrize(
    ("value", "limit", "found"),
    [(1, 4, 0.25), (8, 4, 2.0), (-1, 4, 0.0), (0, 0, 0.0), (1, 0, math.inf), (math.inf, 4, math.inf), (-1, 0, 0.0)],
)
def test_a_share_of_a_limit(value, limit, found):
    assert share(value, limit) == found


# ---- answers -----------------------------------------------------------------------------------------------------


def test_a_tensor_uses_what_its_worst_element_uses():
    """By hand: |a - e| / (atol + rtol |e|) is 0.1/0.3, 0.1/0.4 and 0.1/0.2."""
    assert used(X + 0.1, X, rtol=0.1, atol=0.2) == pytest.approx([0.5])
    assert used(X, X) == [0.0]
    assert used(torch.empty(0), torch.empty(0)) == [0.0]


def test_a_complex_number_uses_what_its_distance_is():
    assert used(torch.tensor([3j]), torch.tensor([1j]), rtol=0.0, atol=4.0) == pytest.approx([0.5])
    assert used(1.5, 1.0, rtol=0.0, atol=1.0) == pytest.approx([0.5])


def test_a_coarse_dtype_uses_what_its_norm_is():
    """By hand: the error's norm is 5, the expected one's 1000, of which 0.005 are allowed."""
    expected = torch.tensor([1000.0, 0.0], dtype=torch.float16)
    assert used(expected + torch.tensor([3.0, 4.0], dtype=torch.float16), expected) == pytest.approx([1.0], abs=0.01)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16], ids=str)
def test_what_is_not_finite_uses_nothing_where_it_is_expected_and_everything_elsewhere(dtype):
    special = torch.tensor([1.0, math.nan, math.inf, -math.inf], dtype=dtype)
    assert used(special.clone(), special) == [0.0]
    for wrong in (math.nan, math.inf, 1.0):
        assert used(torch.full((4,), wrong, dtype=dtype), special) == [math.inf]


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        pytest.param(X[:2], X, id="another shape"),
        pytest.param(X.float(), X, id="another dtype"),
        pytest.param(X.numpy(), X, id="another kind"),
        pytest.param(np.ones(2, dtype=np.float32), np.ones(2), id="another dtype of an array"),
        pytest.param([1, 2], [1], id="another length"),
        pytest.param({"a": 1}, {"b": 1}, id="other keys"),
        pytest.param(1, 2, id="another int"),
        pytest.param(None, 2.0, id="None"),
    ],
)
def test_what_cannot_be_compared_uses_more_than_any_limit(actual, expected):
    assert used(actual, expected) == [math.inf]


def test_what_is_compared_has_its_place():
    with observed() as seen:
        assert_close({"w": [1.0, 2]}, {"w": [1.0, 2]}, name="the state")
    assert seen == [Margin("the state['w'][0]", 0.0)]


# ---- budgets -----------------------------------------------------------------------------------------------------


def test_a_count_uses_its_part_of_the_bound_and_a_growth_of_the_exponent():
    with observed() as seen:
        at_most(30, 40, "memory")
        grows([1, 2, 4], [1, 2, 4], at_most=2.0)
    assert seen == [Margin("memory", 0.75), Margin("how memory grows", pytest.approx(0.5))]


def test_what_is_no_count_uses_more_than_any_bound():
    with observed() as seen, pytest.raises(CheckFailed):
        at_most(None, 40)
    assert seen == [Margin("FLOPs", math.inf)]


def test_a_calibrated_answer_uses_its_part_of_what_rounding_explains():
    plain, exact = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0], dtype=torch.float64)
    budget = 2 * torch.finfo(torch.float32).eps * 2.0
    step = coarsest([plain], tf32=False)
    with observed() as seen:
        for times in (0.5, 3.0):
            beyond_budget((exact + times * budget).float(), exact, plain, step, name="it")
        beyond_budget(plain.double(), exact, plain, step, name="it")
    assert [margin.used for margin in seen] == pytest.approx([0.5, 3.0, math.inf], rel=0.01)
