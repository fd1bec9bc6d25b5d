"""A new assignment obeys the rules for what is written twice, and is written as one is taught to write."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.teaching.scaffold.naming import named
from grader.teaching.scaffold.templates import HERE, SUFFIX, of_an_assignment

from ...test_courses import RULES  # noqa: TID252 the rules that our own assignments obey
from .conftest import TITLE


@pytest.fixture(autouse=True)
def _path_as_before(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_what_is_written_twice_agrees(written, rule):
    assert rule(written) == []


def test_a_title_of_any_characters_is_kept(written):
    assert (written.title, written.title_zh) == (TITLE, "“核心”")
    assert (written.folder / "README.md").read_text().startswith(f"# {TITLE}\n")


@pytest.mark.parametrize("words", [("check",), ("format", "--check")], ids=lambda words: words[0])
def test_the_files_are_as_ruff_likes_them_without_being_told(written, words):
    ruff = [sys.executable, "-m", "ruff", *words, "--isolated", "--no-cache", "."]
    root = written.folder.parent.parent
    done = subprocess.run(ruff, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_template_is_written():
    names = {
        path.name.removesuffix(SUFFIX)
        for half in ("assignments", "solutions")
        for path in (HERE / half).rglob(f"*{SUFFIX}")
    }
    written = {Path(name).name for name in of_an_assignment(named("Core", ()))}
    assert written == {name.replace("module.py", "core.py") for name in names}
    assert {"README.md", "README.zh.md", "test_hidden.py", "misconceptions.py", "probes.py"} <= written
