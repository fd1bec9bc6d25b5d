import io
from pathlib import Path

import pytest
from rich.console import Console

from grader.errors import Usage
from grader.manager import build_manager
from grader.model import Assignment, Outcome, Report, Submission
from grader_progress import Progress, line
from tests.plugins.gradesheets import CHECKS, PARTS, classroom, report, sheet, unfinished

ALL_PASSED = dict.fromkeys((row[1] for row in CHECKS), Outcome.PASSED)
ASSIGNMENT = Assignment("03_a", 3, "a", "A", "a", PARTS, Path("a"))


class Run:
    """A run that only reports: what a progress display sees of it."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.hook = build_manager(defaults=[], installed=False)
        self.hook.register(progress)

    def start(self, *reports: Report) -> None:
        submissions = [Submission(report.student, Path(report.path)) for report in reports]
        self.hook.hook.grader_run_started(assignment=ASSIGNMENT, submissions=submissions)

    def begin(self, report: Report) -> None:
        self.hook.hook.grader_submission_started(submission=Submission(report.student, Path(report.path)))

    def finish(self, report: Report) -> None:
        self.hook.hook.grader_submission_finished(report=report)

    def end(self, *reports: Report) -> None:
        self.hook.hook.grader_run_finished(gradesheet=sheet(*reports))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def console(*, terminal: bool = False) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=80)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def student(name: str, **fields: object) -> Report:
    return report(name, ALL_PASSED, **{"earned": 92, "pending": 0, "seconds": 1.2} | fields)


def test_a_pipe_gets_a_line_a_submission():
    out = console()
    run = Run(Progress(out))
    run.start(student("ada"))
    run.begin(student("ada"))
    run.finish(student("ada"))
    run.end(student("ada"))
    assert written(out) == "ada  92/100  1.2 s\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_quiet_is_silent(terminal):
    out = console(terminal=terminal)
    run = Run(Progress(out, quiet=True))
    run.start(student("ada"))
    run.begin(student("ada"))
    run.finish(student("ada"))
    run.end(student("ada"))
    assert written(out) == ""


def test_a_terminal_shows_what_is_done_passing_running_and_left():
    clock, out = Clock(), console(terminal=True)
    progress = Progress(out, clock=clock)
    run = Run(progress)
    class_ = [student(name) for name in ("ada", "ben", "chloe", "dmitri")]
    with progress:
        run.start(*class_)
        run.begin(class_[0])
        run.begin(class_[1])
        clock.now += 10
        run.finish(class_[0])
        assert progress.counts().plain == "1/4  1 passing  30.0 s left"
        assert progress.names().plain == "running ben"
    assert "running ben" in written(out)


def test_time_left_does_not_count_what_the_gradebook_knew():
    clock = Clock()
    progress = Progress(console(), clock=clock)
    run = Run(progress)
    run.start(*[student(name) for name in "abcd"])
    run.finish(student("a", regraded=False))
    assert progress.left() is None
    clock.now += 6
    run.finish(student("b"))
    assert progress.left() == 12


def test_many_running_are_counted_and_not_listed():
    progress = Progress(console(terminal=True))
    run = Run(progress)
    for name in "abcdef":
        run.begin(student(name))
    assert progress.names().plain == "running a, b, c, d and 2 more"


def test_a_low_score_is_not_passing_and_what_broke_is_called_out():
    progress = Progress(console())
    run = Run(progress)
    run.start(student("a"), student("b"))
    run.finish(student("a", earned=59))
    run.finish(unfinished("b"))
    assert progress.counts().plain.startswith("2/2  0 passing  1 needs your attention")


@pytest.mark.parametrize("error", [Usage("no"), KeyboardInterrupt()], ids=["an error", "Ctrl-C"])
def test_the_terminal_is_given_back_however_the_run_ends(error):
    out = console(terminal=True)
    progress = Progress(out)

    def broken() -> None:
        with progress:
            Run(progress).start(student("ada"))
            raise error

    with pytest.raises(type(error)):
        broken()
    assert progress.live is None
    assert "\x1b[?25h" in written(out)  # the cursor is there again


@pytest.mark.parametrize(
    ("made", "said"),
    [
        pytest.param(student("ada", regraded=False), "ada  92/100  from the gradebook", id="known already"),
        pytest.param(student("a\x1b[2J\nb"), "a\\x1b[2J b  92/100  1.2 s", id="a name with escape codes"),
        pytest.param(
            classroom().submissions[8], "goro  0/100  1.2 s  stochastic.py has a syntax error", id="not loaded"
        ),
        pytest.param(unfinished("eve"), "eve  -  1.2 s  needs your attention: the referee ended", id="we broke"),
        pytest.param(student("ada", pending=6), "ada  92/100  1.2 s  6 pending", id="pending"),
    ],
)
def test_a_line_says_what_matters(made, said):
    assert line(made).startswith(said)
