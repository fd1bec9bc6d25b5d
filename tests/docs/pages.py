"""The pages of the documentation, and what is in them: blocks of code, and code within a line."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = (README, *sorted(DOCS.glob("*.md")))
FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(Struct, frozen=True):
    """A block of code, and where it is."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """Return the blocks of all pages that are in one of these languages, or in any."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in FENCED.finditer(text):
            line = text.count("\n", 0, block.start()) + 1
            found.append(Block(page.name, line, block[1].strip(), block[2]))
    return [block for block in found if not languages or block.language in languages]


def prose(page: Path) -> str:
    """Return a page without its blocks."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def spans() -> list[tuple[str, str]]:
    """Return all code within a line, each with the name of its page."""
    return [(page.name, " ".join(span.split())) for page in PAGES for span in re.findall(r"`([^`]+)`", prose(page))]


def table(page: Path, heading: str) -> dict[str, list[str]]:
    """Return the rows of the first table whose first column has this heading, by the name in their first cell."""
    below = page.read_text(encoding="utf-8").split(f"\n| {heading} | ", 1)[1]
    lines = below.split("\n\n", 1)[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    return {first.strip("`"): rest for first, *rest in rows}
