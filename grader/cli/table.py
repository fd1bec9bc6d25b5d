"""A table on a terminal; the same as plain, unwrapped lines where it is piped."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

PIPE = 10_000  # columns: nothing wraps in a file


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> None:
    """Print rows of text under their headings."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    if console.is_terminal:
        console.print(*([Text(title, "bold")] if title else []), table, sep="\n")
        return
    draft = Console(file=io.StringIO(), width=PIPE, color_system=None)
    with draft.capture() as captured:
        draft.print(table)
    lines = [title] if title else []
    console.file.write("\n".join([*lines, *(line.rstrip() for line in captured.get().splitlines())]) + "\n")
