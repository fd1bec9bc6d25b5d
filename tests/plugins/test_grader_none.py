"""No walls, and only by name."""

from __future__ import annotations

import pytest
from pluggy import PluginManager

import grader_none
from grader.manager import build_manager


@pytest.fixture
def plugins() -> PluginManager:
    return build_manager(defaults=["grader_none"], installed=False)


def test_it_is_asked_for_by_name_and_says_that_it_does_not_confine(plugins):
    sandbox = plugins.hook.grader_sandbox(name="none")
    assert (sandbox.name, sandbox.confined, sandbox.hold, sandbox.prepare) == ("none", False, "", "")


@pytest.mark.parametrize("name", ["", "None", "bwrap", "nothing"])
def test_no_other_name_means_it(plugins, name):
    assert plugins.hook.grader_sandbox(name=name) is None


def test_it_never_stands_in_for_a_sandbox_that_is_missing(monkeypatch):
    plugins = build_manager(defaults=["grader_none", "grader_bwrap"], installed=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Exception, match="so student code cannot be confined and nothing was run"):
        plugins.hook.grader_sandbox(name="bwrap")
    assert plugins.hook.grader_sandbox(name="none").confined is grader_none.grader_sandbox("none").confined is False
