"""How many values are wrong, and what their places have in common: in numbers of two digits at most."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.referee.compare import difference
from grader.referee.places import places


def mask(shape: Sequence[int], *indices: Any) -> torch.Tensor:
    made = torch.zeros(*shape, dtype=torch.bool)
    for index in indices:
        made[index] = True
    return made


SQUARE = torch.ones(4, 4, dtype=torch.bool)
ROW = (slice(None), 2)

PLACES = [
    pytest.param(mask([1], 0), "", id="one value alone"),
    pytest.param(mask([3], ...), " everywhere", id="all"),
    pytest.param(mask([3], 1), " in 1 of 3 places, at index 1 of axis 0", id="one of three"),
    pytest.param(mask([3], 2), " in 1 of 3 places, at the last index of axis 0", id="the last of three"),
    pytest.param(mask([2], 1), " in 1 of 2 places, at index 1 of axis 0", id="the second of two"),
    pytest.param(mask([300], 150), " in one place, at one index of axis 0", id="an index of three digits"),
    pytest.param(mask([300], 20), " in one place, at index 20 of axis 0", id="one of many"),
    pytest.param(mask([300], slice(0, 12)), " in about 4 % of its places, all up to index 11 of axis 0", id="a share"),
    pytest.param(
        mask([10, 300], (3, slice(0, 9))),
        " in less than 1 % of its places, all at index 3 of axis 0",
        id="few",
    ),
    pytest.param(~mask([300], 20), " nearly everywhere", id="all but one of many"),
    pytest.param(mask([3, 4], ROW), " in 3 of 12 places, all at index 2 of axis 1", id="a column"),
    pytest.param(
        mask([3, 4, 5], (0, slice(None), -1)),
        " in 4 of 60 places, all at index 0 of axis 0 and the last index of axis 2",
        id="two axes",
    ),
    pytest.param(SQUARE.triu(1), " in 6 of 16 places, all above the diagonal", id="above"),
    pytest.param(SQUARE.tril(-1).expand(2, 4, 4), " in 12 of 32 places, all below the diagonal", id="below"),
    pytest.param(SQUARE.triu().tril(), " in 4 of 16 places, all on the diagonal", id="diagonal"),
    pytest.param(
        mask([4, 4], (0, 3), (1, 2)),
        " in 2 of 16 places, all up to index 1 of axis 0",
        id="too few to be a side",
    ),
    pytest.param(
        mask([5, 2], (slice(2, 5), 0), (3, 1)),
        " in 4 of 10 places, all from index 2 of axis 0 on",
        id="from",
    ),
    pytest.param(mask([5, 2], (slice(0, 3), 0), (1, 1)), " in 4 of 10 places, all up to index 2 of axis 0", id="up to"),
    pytest.param(mask([5], 0, 3), " in 2 of 5 places", id="nothing in common"),
    pytest.param(mask([300], slice(150, 300)), " in about 50 % of its places", id="from an index of three digits"),
]  # fmt: skip


@pytest.mark.parametrize(("concerned", "said"), PLACES)
def test_places_are_said(concerned, said):
    found = places(concerned)
    assert found["many"] + found["where"] == said


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(1, 300), min_size=1, max_size=2), st.integers(0, 2**32), st.floats(0, 1))
def test_no_number_has_three_digits(shape, seed, share):
    expected = torch.zeros(*shape)
    drawn = torch.Generator().manual_seed(seed)
    actual = expected + (torch.rand(*shape, generator=drawn) < share) * torch.rand(*shape, generator=drawn)
    assert re.findall(r"\d{3}", difference(actual, expected) or "") == []
