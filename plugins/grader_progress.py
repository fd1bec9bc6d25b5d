"""Shows a run while it goes on: live on a terminal, a line a submission where it is piped.

Progress belongs to one run, so the run command makes one and registers it:

    with Progress(Console(stderr=True), quiet=quiet) as progress:
        manager.register(progress, "grader_progress")
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from grader.hookspecs import hookimpl
from grader.model import Report, Status, Submission
from grader.teaching.notation import duration, encodable, legible, points
from grader.teaching.standing import standing

NAMES = 4  # of those that are being graded now
REFRESH = 4  # times a second


class Progress:
    """What is done, passing, running and left. `clock` counts seconds."""

    def __init__(self, console: Console, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.console = console
        self.quiet = quiet
        self.clock = clock
        self.total = self.done = self.passing = self.executed = self.attention = 0
        self.started = 0.0
        self.running: dict[Path, str] = {}
        self.live: Live | None = None

    def __enter__(self) -> Progress:
        """Do nothing yet: a run shows something once it has started."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Give the terminal back, also after an error or Ctrl-C."""
        self.stop()

    def stop(self) -> None:
        """Take the display away. It may be called twice."""
        if self.live is not None:
            self.live.stop()
            self.live = None

    @hookimpl
    def grader_run_started(self, submissions: Sequence[Submission]) -> None:
        """Begin to show."""
        self.total, self.started = len(submissions), self.clock()
        if self.console.is_terminal and not self.quiet:
            self.live = Live(
                get_renderable=self.picture, console=self.console, refresh_per_second=REFRESH, transient=True
            )
            self.live.start()

    @hookimpl
    def grader_submission_started(self, submission: Submission) -> None:
        """Name it among those that are running."""
        self.running[submission.path] = _name(submission.student)

    @hookimpl
    def grader_submission_finished(self, report: Report) -> None:
        """Count it, and where no picture is shown, write its line."""
        self.running.pop(Path(report.path), None)
        at = standing(report, "en")
        self.done += 1
        self.executed += report.regraded
        self.passing += at.share is not None and not at.low
        self.attention += bool(at.attention)
        if self.live is None and not self.quiet:
            self.console.file.write(encodable(f"{line(report)}\n", self.console.encoding))
            self.console.file.flush()

    @hookimpl
    def grader_run_finished(self) -> None:
        """Make room for the report."""
        self.stop()

    def left(self) -> float | None:
        """Estimate the seconds left, from what was executed and not from what the gradebook knew."""
        elapsed = self.clock() - self.started
        return elapsed / self.executed * (self.total - self.done) if self.executed else None

    def picture(self) -> Group:
        """Draw the display, two lines that fit any width."""
        row = Table.grid(padding=(0, 1), expand=True)
        row.add_column(ratio=1, max_width=40)
        row.add_column(no_wrap=True, overflow="ellipsis")
        row.add_row(
            ProgressBar(max(self.total, 1), self.done, complete_style="green", finished_style="green"), self.counts()
        )
        return Group(row, self.names())

    def counts(self) -> Text:
        """Say how far the run has come."""
        said = Text(f"{self.done}/{self.total}", "bold").append(f"  {self.passing} passing", "not bold green")
        if self.attention:
            said.append(f"  {self.attention} need{'s' if self.attention == 1 else ''} your attention", "bold magenta")
        left = self.left()
        return said if left is None else said.append(f"  {duration(left)} left", "not bold")

    def names(self) -> Text:
        """Say who is being graded now."""
        names = list(self.running.values())
        more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
        said = f"running {', '.join(names[:NAMES])}{more}" if names else "waiting"
        return Text(said, "dim", no_wrap=True, overflow="ellipsis")


def line(report: Report) -> str:
    """Say in one line what came of a submission: `ada  92/100  1.2 s`."""
    at = standing(report, "en")
    score = "-" if at.earned is None else f"{points(at.earned)}/{points(at.possible)}"
    time_ = duration(report.seconds) if report.regraded else "from the gradebook"
    why = at.attention and f"needs your attention: {at.attention}"
    why = why or (report.reason if report.status is Status.UNGRADABLE else "; ".join(at.brief))
    return "  ".join(filter(None, (_name(report.student), score, time_, legible(why).replace("\n", " "))))


def _name(student: str) -> str:
    return legible(student).replace("\n", " ").strip() or repr(student)
