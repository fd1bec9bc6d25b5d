from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pluggy import PluginManager

from grader.errors import PluginError
from grader.manager import build_manager
from grader.model import Adjustment, Assignment, Part, Score, Submission

DUE = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)


def manager(**settings: float) -> PluginManager:
    return build_manager(defaults=["grader_late"], installed=False, settings={"grader_late": settings})


@pytest.fixture
def plugins() -> PluginManager:
    return manager()


def answers(
    plugins: PluginManager, due: datetime | None, submitted: datetime | None, earned: float = 10.0
) -> list[Adjustment]:
    parts = (Part(id="all", title="All", points=10.0),)
    assignment = Assignment(
        id="01_a", number=1, slug="a", title="A", module="a", parts=parts, folder=Path("a"), due=due
    )
    return plugins.hook.grader_adjust_score(
        assignment=assignment,
        submission=Submission(student="ada", path=Path("ada.py"), submitted=submitted),
        score=Score(earned=earned, pending=0.0, possible=10.0),
    )


def lateness(plugins: PluginManager, by: timedelta, earned: float = 10.0) -> list[float]:
    return [answer.points for answer in answers(plugins, DUE, DUE + by, earned)]


@pytest.mark.parametrize(
    ("by", "points"),
    [
        pytest.param(timedelta(hours=-1), [], id="early"),
        pytest.param(timedelta(minutes=15), [], id="within the grace"),
        pytest.param(timedelta(minutes=16), [-1.0], id="just late: one day begun"),
        pytest.param(timedelta(days=1), [-1.0], id="a day to the minute"),
        pytest.param(timedelta(days=1, minutes=1), [-2.0], id="a second day begun"),
    ],
)
def test_takes_a_tenth_for_each_day_begun(plugins, by, points):
    assert lateness(plugins, by) == points


def test_never_takes_more_than_was_earned(plugins):
    assert lateness(plugins, timedelta(days=30), earned=4.0) == [-4.0]


@pytest.mark.parametrize(("days", "reason"), [(1, "1 day late"), (3, "3 days late")])
def test_the_reason_counts_the_days(plugins, days, reason):
    assert [answer.reason for answer in answers(plugins, DUE, DUE + timedelta(days=days))] == [reason]


def test_nothing_is_taken_without_a_deadline(plugins):
    assert answers(plugins, None, DUE) == []


def test_nothing_is_taken_where_the_time_of_handing_in_is_unknown(plugins):
    assert answers(plugins, DUE, None) == []


def test_times_in_different_zones_are_compared_as_moments(plugins):
    in_shanghai = datetime.fromisoformat("2026-03-02T07:59:00+08:00")
    assert answers(plugins, DUE, in_shanghai) == []


def test_a_course_sets_what_a_day_costs_and_what_is_free():
    assert lateness(manager(share_per_day=0.5, free_minutes=0), timedelta(minutes=1)) == [-5.0]


def test_a_setting_that_it_does_not_have_is_refused_with_its_place():
    with pytest.raises(PluginError) as caught:
        manager(share=0.5)
    assert "share" in caught.value.problem
    assert caught.value.place == "course.toml, [settings.grader_late]"
