"""A course that is graded by a plugin which runs nothing: see executor.py. For `pytest_plugins`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pluggy import PluginManager

from grader.course import Course, find_course
from grader.gradebook import Gradebook, open_gradebook
from grader.manager import build_manager
from grader.model import Gradesheet
from grader.pipeline import Options, grade

EXECUTOR = Path(__file__).parent / "executor.py"
COURSE = 'title = "Tiny"\n'
ASSIGNMENT = """
title = "Tiny"
module = "tiny"
[[parts]]
id = "double"
title = "Doubling"
points = 60
[[parts]]
id = "scale"
title = "Scaling"
points = 40
[[parts]]
id = "more"
title = "More"
points = 20
tier = "stretch"
"""


class Grading:
    """Hands in and grades, as a run does."""

    def __init__(self, course: Course, gradebook: Gradebook, plugins: PluginManager, inbox: Path) -> None:
        self.course = course
        self.gradebook = gradebook
        self.plugins = plugins
        self.inbox = inbox

    def hand_in(self, **files: str) -> None:
        for name, text in files.items():
            (self.inbox / (name.replace("_", ".") if "_" in name else f"{name}.py")).write_text(text)

    def __call__(self, *paths: Path, **options: Any) -> Gradesheet:
        return grade(
            self.plugins,
            self.course,
            self.course.assignment("1"),
            paths or [self.inbox],
            gradebook=self.gradebook,
            options=Options(**options),
        )

    def executed(self) -> list[str]:
        return list(self.plugins.get_plugin("executor").executed)


@pytest.fixture
def grading(tmp_path: Path) -> Iterator[Grading]:
    """A tiny course and an empty inbox, a gradebook in memory and the fake executor."""
    root = tmp_path / "course"
    folder = root / "assignments" / "01_tiny"
    for place in (folder, root / "solutions" / "01_tiny", tmp_path / "inbox"):
        place.mkdir(parents=True)
    (folder / "assignment.toml").write_text(ASSIGNMENT)
    (root / "course.toml").write_text(COURSE)
    plugins = build_manager(defaults=[], installed=False, extra=[EXECUTOR])
    with open_gradebook("sqlite://") as gradebook:
        yield Grading(find_course(folder), gradebook, plugins, tmp_path / "inbox")
