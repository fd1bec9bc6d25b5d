"""The pages that are written in part from the code, and where in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from docs.reference import checks, commands, hooks

DOCS = Path(__file__).parents[1]
PAGES: dict[Path, Callable[[], str]] = {
    DOCS / "checks.md": checks.written,
    DOCS / "commands.md": commands.written,
    DOCS / "hooks.md": hooks.written,
}
BEGIN = "<!-- from here on written by docs/reference: make docs -->\n"


def up_to_date(page: Path) -> str:
    """Return a page whose generated part, all behind the comment, is what the code says now."""
    by_hand, _, _ = page.read_text(encoding="utf-8").partition(BEGIN)
    return f"{by_hand}{BEGIN}\n{PAGES[page]().rstrip()}\n"
