"""The public checks as a notebook shows them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import jinja2
from rich.console import Console

from grader.checking.console import WORDS, counts, facts, heading, show, stopped
from grader.checking.results import PublicRun

TEMPLATE = Path(__file__).parent / "page.html.jinja"


def as_html(run: PublicRun) -> str:
    """Return a fragment of HTML, in the notebook's own colours, with everything escaped."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(run=run, heading=heading, facts=facts, words=WORDS, counts=counts(run), stopped=stopped(run))


def as_text(run: PublicRun) -> str:
    """Return what a terminal shows, without colours."""
    console = Console(file=StringIO(), width=100, highlight=False, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        show(run, console)
    return captured.get()
