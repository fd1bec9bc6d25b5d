"""A course that is graded by a plugin which runs nothing: see executor.py. For `pytest_plugins`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pluggy import PluginManager

from grader import ledger
from grader.course import Course, find_course
from grader.gradebook import Gradebook, open_gradebook
from grader.hookspecs import hookimpl
from grader.manager import build_manager
from grader.model import Gradesheet, Report
from grader.pipeline import Options, grade
from grader.work import Device

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
FOR_A_GPU = """
[[parts]]
id = "speed"
title = "Speed"
points = 30
tier = "gpu"
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


# ---- on several machines -------------------------------------------------------------------------------------------


class Hardware:
    """The GPUs of the machine on which one stands."""

    def __init__(self) -> None:
        self.devices: Sequence[Device] = ()

    @hookimpl
    def grader_devices(self) -> Sequence[Device]:
        return self.devices


class Lab:
    """Grades on one machine or another."""

    def __init__(self, grading: Grading, hardware: Hardware, monkeypatch: pytest.MonkeyPatch) -> None:
        self.grading = grading
        self._hardware = hardware
        self._monkeypatch = monkeypatch

    def hand_in(self, **files: str) -> None:
        self.grading.hand_in(**files)

    def laptop(self, **options: Any) -> Gradesheet:
        return self._on("", options)

    def h100(self, **options: Any) -> Gradesheet:
        return self._on("NVIDIA H100", options)

    def l4(self, **options: Any) -> Gradesheet:
        return self._on("NVIDIA L4", options)

    def install(self, **versions: str) -> None:
        """Have every machine use these versions from now on."""
        have = ledger.environment() | versions
        self._monkeypatch.setattr(ledger, "environment", lambda: have)

    def have_end(self, **outcomes: str) -> None:
        """Have checks end so from now on, whatever was handed in."""
        self.grading.plugins.get_plugin("executor").now.update(outcomes)

    def judged(self) -> list[tuple[str, str]]:
        """Return the student and name of every check that was run since this was asked last."""
        executor = self.grading.plugins.get_plugin("executor")
        judged, executor.judged[:] = list(executor.judged), []
        return judged

    @property
    def gradebook(self) -> Gradebook:
        return self.grading.gradebook

    def standing(self, student: str = "ada") -> Report:
        """Return what `grader show` shows."""
        (stored,) = self.gradebook.attempts(student=student)
        return stored.report

    def _on(self, gpu: str, options: dict[str, Any]) -> Gradesheet:
        self._hardware.devices = [Device(gpu, "uuid", 80 << 30)] if gpu else []
        return self.grading(**options)


@pytest.fixture
def lab(grading: Grading, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The same course with a part that needs a GPU, and machines with and without one that share the gradebook."""
    file = grading.course.root / "assignments" / "01_tiny" / "assignment.toml"
    file.write_text(ASSIGNMENT + FOR_A_GPU)
    hardware = Hardware()
    grading.plugins.register(hardware)
    return Lab(grading, hardware, monkeypatch)
