"""How far a proof has come: a bar on a terminal, nothing where standard error is piped."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from grader.proving.trials import Tried


class Progress:
    """What is done and left. It draws when it is told something, and has no thread: this process forks."""

    def __init__(self, console: Console, name: str) -> None:
        self.name = name
        self.total = self.finished = 0
        self.now = ""
        self.live = Live(self.picture(), console=console, auto_refresh=False, transient=True)
        self.shown = console.is_terminal

    def __enter__(self) -> Progress:
        """Begin to show."""
        if self.shown:
            self.live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Give the terminal back."""
        self.live.stop()

    def says(self, now: str) -> None:
        """Tell what goes on."""
        self.now = now
        self._draw()

    def planned(self, trials: int) -> None:
        """Tell how many trials there are."""
        self.total += trials
        self._draw()

    def done(self, tried: Tried) -> None:
        """Tell that one has ended."""
        self.finished += 1
        self.says(f"{tried.trial.kind}: {tried.trial.name}")

    def mutating(self, done: int, of: int) -> None:
        """Tell how many mutants are judged."""
        self.finished, self.total = done, of
        self.says("mutants")

    def picture(self) -> Group:
        """Draw the display, one line that fits any width."""
        row = Table.grid(padding=(0, 1), expand=True)
        row.add_column(ratio=1, max_width=30)
        row.add_column(no_wrap=True, overflow="ellipsis")
        said = Text.assemble((self.name, "bold"), f"  {self.finished}/{self.total}  ", (self.now, "dim"))
        row.add_row(ProgressBar(max(self.total, 1), self.finished, complete_style="green"), said)
        return Group(row)

    def _draw(self) -> None:
        if self.shown:
            self.live.update(self.picture(), refresh=True)
