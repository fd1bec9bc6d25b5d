"""No page of the documentation points at nothing, and what it shows as Python or TOML can be read as that."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from .pages import DOCS, PAGES, README, blocks, prose

LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")


def links(page: Path) -> list[str]:
    """Return where a page's links lead, but for those to other sites."""
    return LINK.findall(prose(page))


def anchors(page: Path) -> list[str]:
    """Return the names that headings have in a link, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_to_a_heading_that_is_there(page):
    for link in links(page):
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        if heading:
            assert heading in anchors(target), link


@pytest.mark.parametrize("page", PAGES[1:], ids=lambda page: page.name)
def test_the_readme_leads_to_every_page(page):
    assert f"docs/{page.name}" in [link.partition("#")[0] for link in links(README)]


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_what_is_shown_as_python_is_python(block):
    ast.parse(block.text)


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_what_is_shown_as_toml_is_toml(block):
    tomllib.loads(block.text)


def test_a_heading_is_named_as_in_a_link():
    assert "submissionschecks" in anchors(DOCS / "report.md")
