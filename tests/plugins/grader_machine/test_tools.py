from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import grader_bwrap
from grader_machine.tools import OPTIONS, examine_bubblewrap, examine_system


def played(folder: Path, *, version: str = "0.8.0", options: tuple[str, ...] = OPTIONS) -> None:
    program = folder / "bwrap"
    helped = "\\n".join(f"    {option} SOMETHING" for option in options)
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "bubblewrap {version}" || echo "{helped}"\n')
    program.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make a folder of played programs all that can be found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return tmp_path


def test_a_new_bubblewrap_is_fine(path):
    played(path, version="0.11.0")
    (finding,) = examine_bubblewrap()
    assert (finding.state, finding.detail) == ("ok", "0.11.0")


def test_without_bubblewrap_it_says_how_to_get_it(path):
    (finding,) = examine_bubblewrap()
    assert finding.state == "missing"
    assert "apt install bubblewrap" in finding.step
    assert "--sandbox none" in finding.step


@pytest.mark.parametrize("option", ["--size", "--disable-userns"])
def test_an_old_one_is_named_with_what_it_lacks(path, option):
    played(path, version="0.4.0", options=tuple(known for known in OPTIONS if known != option))
    (finding,) = examine_bubblewrap()
    assert (finding.state, finding.detail) == ("broken", f"0.4.0 is too old: it lacks {option}")
    assert finding.step.startswith("upgrade bubblewrap to 0.8 or later")


def test_root_needs_setpriv(path, monkeypatch):
    played(path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert [finding.state for finding in examine_bubblewrap()] == ["ok", "missing"]
    (path / "setpriv").symlink_to("/bin/true")
    assert [finding.state for finding in examine_bubblewrap()] == ["ok"]


def test_an_interpreter_whose_folder_is_gone_is_told(path, monkeypatch):
    played(path)
    monkeypatch.setattr(grader_bwrap, "trees", lambda: ("/nowhere/venv",))
    *_, finding = examine_bubblewrap()
    assert (finding.state, finding.detail) == ("broken", "its folder is gone: /nowhere/venv")


def test_every_option_that_is_looked_for_is_used_and_the_real_one_has_them():
    source = Path(grader_bwrap.__file__).read_text()
    assert [option for option in OPTIONS if f'"{option}"' not in source] == []
    assert next(examine_bubblewrap()).state == "ok"


@pytest.mark.parametrize(
    ("name", "release", "state", "words"),
    [
        pytest.param("linux", "6.1.0-18-amd64", "ok", "Linux", id="Linux"),
        pytest.param("linux", "5.15.90.1-microsoft-standard-WSL2", "ok", "", id="WSL2"),
        pytest.param("linux", "4.4.0-19041-Microsoft", "missing", "WSL1 has no namespaces", id="WSL1"),
        pytest.param("darwin", "23.1.0", "missing", "Linux's namespaces", id="macOS"),
        pytest.param("win32", "10", "missing", "Linux's namespaces", id="Windows"),
    ],
)
def test_the_system_is_looked_at(monkeypatch, name, release, state, words):
    monkeypatch.setattr(sys, "platform", name)
    monkeypatch.setattr(platform, "release", lambda: release)
    (finding,) = examine_system()
    assert finding.state == state
    assert words in finding.detail
    assert bool(finding.step) == (state != "ok")
