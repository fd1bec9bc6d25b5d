"""What breaks on our side is tried again, in whatever executor it broke."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from grader.errors import CheckDefect
from grader.model import Assignment, Loaded, Status, Submission
from grader.retry import persistently
from grader.work import Job, Verdict

GRADED = ""


def job(key: str) -> Job:
    assignment = Assignment("01_tiny", 1, "tiny", "Tiny", "tiny", (), Path("tiny"))
    submission = Submission(key, Path(f"{key}.py"))
    return Job(key, assignment, submission, Loaded({}, "tiny.py"), b"", "bwrap")


class Executor:
    """Breaks as it is told: `told[key]` has a reason for each try, GRADED where it works and None for no answer."""

    def __init__(self, **told: list[str | None]) -> None:
        self.told = told
        self.rounds: list[tuple[list[str], int]] = []

    def __call__(self, jobs: Iterator[Job], workers: int) -> Generator[Verdict]:
        asked: list[str] = []
        self.rounds.append((asked, workers))
        for given in jobs:
            asked.append(given.key)
            reason = self.told[given.key].pop(0)
            if reason is not None:
                status = Status.GRADED if reason == GRADED else Status.UNFINISHED
                yield Verdict(given.key, status, reason=reason)

    def verdicts(self) -> list[tuple[str, Status, str]]:
        found = persistently(self, (job(key) for key in list(self.told)), workers=4)
        return [(verdict.key, verdict.status, verdict.reason) for verdict in found]


def test_what_works_is_executed_once():
    executor = Executor(ada=[GRADED], ben=[GRADED])
    assert executor.verdicts() == [("ada", Status.GRADED, ""), ("ben", Status.GRADED, "")]
    assert executor.rounds == [(["ada", "ben"], 4)]


def test_what_breaks_is_tried_again_when_all_else_is_done_and_at_last_alone():
    executor = Executor(ada=["no fork", GRADED], ben=[GRADED], chloe=["killed", "killed", GRADED])
    assert executor.verdicts() == [("ben", Status.GRADED, ""), ("ada", Status.GRADED, ""), ("chloe", Status.GRADED, "")]
    assert executor.rounds == [(["ada", "ben", "chloe"], 4), (["ada", "chloe"], 4), (["chloe"], 1)]


@pytest.mark.parametrize(
    ("broke", "said"),
    [
        pytest.param(["no fork"] * 3, "no fork", id="the same each time"),
        pytest.param(["no fork", None, "killed"], "no fork; then the executor gave no verdict; then killed", id="each"),
        pytest.param([None] * 3, "the executor gave no verdict", id="no answer"),
    ],
)
def test_after_three_tries_it_is_unfinished_and_says_what_broke(broke, said):
    told = f"our side broke in each of 3 tries: {said}"
    assert Executor(ada=broke, ben=[GRADED]).verdicts()[1:] == [("ada", Status.UNFINISHED, told)]


def test_each_further_try_is_announced(caplog):
    Executor(ada=["no fork", "killed", GRADED]).verdicts()
    assert caplog.messages == ["ada is tried again: no fork", "ada is tried again: killed"]


def test_a_defect_of_the_course_ends_the_run_at_once():
    started = []

    def execute(jobs: Iterator[Job], workers: int) -> Generator[Verdict]:
        started.append(workers)
        yield Verdict(next(jobs).key, Status.UNFINISHED, reason="no fork")
        raise CheckDefect("there are no hidden checks")

    with pytest.raises(CheckDefect):
        list(persistently(execute, iter([job("ada")]), 4))
    assert started == [4]


def test_a_run_that_is_given_up_ends_the_executor():
    ended = []

    def execute(jobs: Iterator[Job], workers: int) -> Generator[Verdict]:
        try:
            yield Verdict(next(jobs).key, Status.GRADED)
        finally:
            ended.append(True)

    verdicts = persistently(execute, iter([job("ada"), job("ben")]), 4)
    next(verdicts)
    verdicts.close()
    assert ended == [True]
