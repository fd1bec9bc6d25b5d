from __future__ import annotations

import pytest
import torch

from grader.referee.tolerances import EXACT, TABLE, tolerance
from grader.wire.values import DTYPES

WHOLE = (torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


@pytest.mark.parametrize("dtype", DTYPES.values(), ids=str)
def test_every_dtype_that_can_be_sent_has_a_tolerance(dtype):
    assert tolerance(dtype) == (EXACT if dtype in WHOLE else TABLE[dtype])


@pytest.mark.parametrize("dtype", [d for d in TABLE if not d.is_complex], ids=str)
def test_it_allows_for_rounding_and_for_no_more_than_a_tenth(dtype):
    allowed = tolerance(dtype)
    assert torch.finfo(dtype).eps < max(allowed.rtol, allowed.norm or 0.0) < 0.1


def test_whole_numbers_are_exact_whatever_a_check_asks_for():
    assert tolerance(torch.int64, rtol=0.5, atol=10.0) == EXACT


def test_what_a_check_asks_for_takes_the_place_of_the_table():
    usual = TABLE[torch.float64]
    assert tolerance(torch.float64, rtol=0.5) == (0.5, usual.atol, None)
    assert tolerance(torch.float64, atol=0.5) == (usual.rtol, 0.5, None)


def test_a_check_that_asks_for_tolerances_is_compared_element_by_element():
    assert tolerance(torch.bfloat16).norm is not None
    assert tolerance(torch.bfloat16, rtol=0.01).norm is None
