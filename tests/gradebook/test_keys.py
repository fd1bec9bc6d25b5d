from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.gradebook import is_settled, result_key
from grader.gradebook.keys import attempt_identity
from grader.model import Outcome, Status

PARTS = {
    "submission": "5" * 64,
    "assignment": "a" * 64,
    "environment": {"python": "3.11.7", "torch": "2.6.0"},
    "machine": "cpu",
    "sandbox": "bwrap",
    "seed": "course",
    "only": "",
}


def test_the_same_parts_make_the_same_key_in_whatever_order():
    turned = PARTS | {"environment": dict(reversed(PARTS["environment"].items()))}
    assert result_key(**PARTS) == result_key(**turned)
    assert len(result_key(**PARTS)) == 64


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("submission", "6" * 64),
        ("assignment", "b" * 64),
        ("environment", {"python": "3.11.7", "torch": "2.6.1"}),
        ("machine", "cuda NVIDIA H100"),
        ("sandbox", "none"),
        ("seed", "7"),
        ("only", "step"),
    ],
)
def test_each_part_makes_another_key(part, value):
    assert result_key(**PARTS) != result_key(**PARTS | {part: value})


TEXT = st.text(max_size=4)


@given(st.tuples(TEXT, TEXT, TEXT), st.tuples(TEXT, TEXT, TEXT))
def test_no_text_moves_from_one_part_into_the_next(one, other):
    keys = [
        result_key(**PARTS | dict(zip(("machine", "sandbox", "seed"), parts, strict=True))) for parts in (one, other)
    ]
    assert (keys[0] == keys[1]) == (one == other)


def test_the_moment_handed_in_is_the_same_in_every_time_zone(a_report):
    at = datetime(2025, 3, 1, 12, tzinfo=UTC)
    beijing = at.astimezone(timezone(timedelta(hours=8)))
    one, other, naive = (
        attempt_identity(a_report(submitted=moment), assignment="08_adamw", key="k")
        for moment in (at, beijing, at.replace(tzinfo=None))
    )
    assert one == other == naive


@pytest.mark.parametrize(
    ("status", "outcome", "settled"),
    [
        pytest.param(Status.GRADED, Outcome.FAILED, True, id="a wrong answer stays wrong"),
        pytest.param(Status.GRADED, Outcome.PENDING, True, id="this kind of machine cannot say more"),
        pytest.param(Status.UNGRADABLE, None, True, id="it cannot be loaded next time either"),
        pytest.param(Status.GRADED, Outcome.INVALID, False, id="a check broke"),
        pytest.param(Status.UNFINISHED, None, False, id="the grader broke"),
    ],
)
def test_what_broke_on_our_side_is_not_settled(a_verdict, a_check, status, outcome, settled):
    checks = () if outcome is None else (a_check(), a_check(outcome))
    assert is_settled(a_verdict(status=status, checks=checks)) is settled
