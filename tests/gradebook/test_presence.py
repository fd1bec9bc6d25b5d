"""What is told to a gradebook whose file has lost its name is not acknowledged."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import GradebookError
from grader.gradebook import open_gradebook
from grader.gradebook.presence import presence


def moved(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))


def replaced(file: Path) -> None:
    file.with_name("another").write_bytes(file.read_bytes())
    file.with_name("another").replace(file)


def folder_moved(file: Path) -> None:
    file.parent.rename(file.parent.with_name("elsewhere"))


@pytest.mark.parametrize("lose", [Path.unlink, moved, replaced, folder_moved])
def test_an_attempt_is_not_acknowledged_once_the_file_is_gone(tmp_path, a_report, a_verdict, lose):
    file = tmp_path / "books" / "gradebook.sqlite"
    with open_gradebook(file) as gradebook:
        gradebook.record(a_report(), a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"")
        lose(file)
        with pytest.raises(GradebookError, match="was deleted, moved or replaced") as caught:
            gradebook.record(a_report("ben"), a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"")
    assert caught.value.place == str(file)
    assert caught.value.step


def test_a_link_to_it_may_be_what_names_it(file, tmp_path, a_report, a_verdict):
    with open_gradebook(file):
        pass
    (tmp_path / "link").symlink_to(file)
    with open_gradebook(tmp_path / "link") as gradebook:
        assert gradebook.record(a_report(), a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"") == 1


def test_a_relative_name_means_the_same_file_when_the_working_folder_changes(file, tmp_path, monkeypatch):
    file.touch()
    monkeypatch.chdir(file.parent)
    confirm = presence(Path(file.name), place="here")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    confirm()
    file.unlink()
    with pytest.raises(GradebookError):
        confirm()


def test_what_is_in_no_file_is_always_there():
    presence(None, place="sqlite://")()
