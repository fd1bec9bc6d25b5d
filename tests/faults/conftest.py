"""A tiny course and what is handed in for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.gradebook import StoredAttempt, open_gradebook
from tests.gradebook.postgresql import cluster, postgres  # noqa: F401 fixtures

from .running import Running

TINY = Path(__file__).parents[1] / "tiny"
RIGHT = (TINY / "solutions/01_tiny/tiny.py").read_text()


class Course:
    """A course, an inbox and a gradebook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "course"
        self.inbox = folder / "inbox"
        self.book = folder / "book.sqlite"
        shutil.copytree(TINY, self.folder)
        self.inbox.mkdir()

    def hand_in(self, student: str, source: str = RIGHT) -> None:
        (self.inbox / f"{student}.py").write_text(source)

    def arguments(self, *more: str, db: object = None, workers: int = 2) -> list[str]:
        course = ["--course", str(self.folder), "run", "1", str(self.inbox)]
        return [*course, "--db", str(db or self.book), f"-j{workers}", *more]

    def run(self, *more: str, db: object = None, workers: int = 2, prefix: tuple[str, ...] = ()) -> Running:
        return Running(*self.arguments(*more, db=db, workers=workers), prefix=prefix)

    def attempts(self, db: object = None) -> dict[str, StoredAttempt]:
        """Return the attempts by student: one each."""
        with open_gradebook(db or self.book, create=False) as gradebook:  # type: ignore[arg-type]
            found = gradebook.attempts(latest=False)
        students = [attempt.report.student for attempt in found]
        assert len(set(students)) == len(students), "an attempt is there twice"
        return {attempt.report.student: attempt for attempt in found}

    def scores(self, db: object = None) -> dict[str, tuple[str, float]]:
        return {
            student: (attempt.report.status.value, attempt.report.earned)
            for student, attempt in self.attempts(db).items()
        }


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)
