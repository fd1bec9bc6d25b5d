"""docs/hooks.md: every hook with its real arguments and those who answer it; its examples are plugins and settings."""

from __future__ import annotations

import tomllib

import pytest

from docs.reference.page import up_to_date
from grader.manager import build_manager

from .pages import DOCS, blocks

PAGE = DOCS / "hooks.md"
(SETTINGS,) = [block.text for block in blocks("toml") if block.page == PAGE.name]
EXAMPLE = next(block.text for block in blocks("python") if block.page == PAGE.name)


def test_the_page_has_what_the_code_says_of_hooks():
    assert PAGE.read_text(encoding="utf-8") == up_to_date(PAGE), "docs/hooks.md is stale: make docs"


def test_the_example_of_the_page_is_a_plugin(tmp_path):
    file = tmp_path / "house_rules.py"
    file.write_text(EXAMPLE)
    manager = build_manager(defaults=[], installed=False, extra=[file])
    assert manager.hook.grader_adjust_score.get_hookimpls() != []


@pytest.mark.parametrize("name", tomllib.loads(SETTINGS)["settings"])
def test_the_settings_of_the_page_are_a_plugins(name):
    settings = tomllib.loads(SETTINGS)["settings"]
    assert build_manager(installed=False, settings=settings).has_plugin(name)
