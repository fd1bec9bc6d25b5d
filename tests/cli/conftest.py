"""A course with a class that is graded by a plugin which runs nothing: see tests/fakes/executor.py."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader import manager
from grader.cli import main

EXECUTOR = Path(__file__).parent.parent / "fakes" / "executor.py"
COURSE = 'title = "Tiny course"\nplugins = ["executor.py"]\n'
ASSIGNMENT = """
title = "Tiny"
title_zh = "小作业"
module = "tiny"
hours = 2
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
points = 10
tier = "stretch"
"""
CLASS = {
    "ada.py": "double passed scale passed",
    "ben.py": "double passed scale failed",
    "chloe.bad": "",
}


@pytest.fixture(autouse=True)
def _few_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the slow defaults out: what runs here is the command line."""
    monkeypatch.setattr(manager, "DEFAULT_PLUGINS", ("grader_late", "grader_json", "grader_csv"))
    monkeypatch.delenv("GRADER_SECRET_FILE", raising=False)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    root = tmp_path / "course"
    (root / "assignments" / "01_tiny").mkdir(parents=True)
    (root / "assignments" / "01_tiny" / "assignment.toml").write_text(ASSIGNMENT)
    (root / "course.toml").write_text(COURSE)
    (root / "solutions" / "01_tiny").mkdir(parents=True)
    shutil.copy(EXECUTOR, root)
    inbox = root / "submissions" / "01_tiny"
    inbox.mkdir(parents=True)
    for name, text in CLASS.items():
        (inbox / name).write_text(text)
    return root


@pytest.fixture
def grader(course: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command line as one who stands in the course."""
    monkeypatch.chdir(course)

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, words, catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run
