"""A run over a class of 200, killed with SIGKILL at random instants: each attempt is there once, with its score."""

from __future__ import annotations

import random
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from grader.errors import GradebookError

from .conftest import RIGHT, Course
from .running import Running

Scores = dict[str, tuple[str, float]]

CLASS = 200
KILLS = 8
SEED = 20250917
LONGEST = 3.0  # seconds until a kill that may come while it starts
SHORT = 0.05  # seconds after a submission was reported
SUBMISSIONS = {  # what they earn is written beside them
    RIGHT: 100,
    RIGHT.replace("return twice(x)", "return x + 2"): 40,
    RIGHT.replace("return twice(x)", "return 2.0 * x"): 90,  # one of two dtypes
    RIGHT.replace("self.factor * x", "self.factor + x"): 60,
    RIGHT.replace("if factor < 0:", "if False:"): 90,
    RIGHT.replace("return twice(x)", "raise KeyError('x')"): 40,
    RIGHT.replace("return twice(x)", "__import__('os')._exit(0)"): 40,
    RIGHT.replace("return twice(x)", "raise NotImplementedError"): 40,
    "1 / 0\n": 0,
    "def double(:\n": 0,
}


def hand_in_all(course: Course) -> None:
    """Hand in the class's work: each eleventh is somebody else's, byte for byte."""
    sources = list(SUBMISSIONS)
    for number in range(CLASS):
        of = number - 10 if number % 11 == 10 else number
        course.hand_in(f"student{number:03}", f"# {of}\n{sources[of % len(sources)]}")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Scores:
    """The scores of a run that nobody disturbs."""
    course = Course(tmp_path_factory.mktemp("undisturbed"))
    hand_in_all(course)
    assert course.run().finish().returncode == 0
    return course.scores()


def stored(course: Course) -> Scores:
    """Return what a killed run has left: nothing, where it had not come to its first transaction."""
    try:
        return course.scores()
    except GradebookError as error:
        if error.problem != "there is no gradebook yet":
            raise
        return {}


def told_of(run: Running, submissions: int) -> None:
    """Wait until so many submissions were reported."""
    assert run.process.stderr is not None
    for _ in range(submissions):
        run.process.stderr.readline()


def intact(book: Path) -> bool:
    with closing(sqlite3.connect(book)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_class_whose_run_is_killed_again_and_again_gets_the_scores_of_one_that_is_not(
    course: Course, undisturbed: Scores
):
    draw = random.Random(SEED)
    hand_in_all(course)
    grew = []
    for number in range(KILLS):
        run = course.run()
        if number % 2:  # somewhere among those that are being graded, however slow this machine is
            told_of(run, draw.randrange(1, 15))
        time.sleep(draw.uniform(0.0, SHORT if number % 2 else LONGEST))
        if draw.random() < 0.5:
            run.kill_whole()
        else:
            run.process.kill()
        run.finish()
        told = f"seed {SEED}, kill {number}"
        kept = stored(course)
        assert kept.items() <= undisturbed.items(), told
        assert not course.book.exists() or intact(course.book), told
        grew.append(len(kept))
    assert 0 < max(grew) < CLASS, f"no kill came in the middle of the class: {grew}"
    done = course.run().finish()
    assert done.returncode == 0, done.stderr
    assert course.scores() == undisturbed


def test_the_class_is_worth_comparing(undisturbed: Scores):
    assert len(undisturbed) == CLASS
    assert Counter(points for _, points in undisturbed.values()).keys() == set(SUBMISSIONS.values())
