"""`grader check`: a student's own run of the public checks."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("check")
@click.argument("assignment", required=False)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--only", metavar="NAME", default="", help="Run one check: its function in test_public.py.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="Stop a check after this.")
@click.pass_obj
def command(course: Path | None, assignment: str | None, file: Path | None, only: str, timeout: float | None) -> None:
    """Run an assignment's public checks on your own module or notebook. They are there to help and earn no points.

    ASSIGNMENT is the handed-out folder, or a number or name; leave it out when you stand in that folder. FILE is
    what you wrote; without it, the assignment's .py or .ipynb, whichever was saved last.

    Exit code: 0 all passed, 1 some did not, 2 they could not be run.
    """
    from grader.checking.console import show, terminal
    from grader.checking.handout import find_file, find_handout
    from grader.checking.public import run_public
    from grader.checking.recorder import Wanted
    from grader.checking.student import load_student

    if assignment is not None and file is None and assignment.endswith((".py", ".ipynb")):
        file, assignment = Path(assignment), None
    found = find_handout(assignment, course)
    path, note = find_file(found, file)
    console = terminal()
    console.print(f"{found.title}: {path.name}{note}", style="bold", markup=False, soft_wrap=True)
    alone = " ".join(["grader check", *(str(each) for each in (assignment, file) if each is not None), "--only"])
    student = load_student(found, path, timeout)
    run = run_public(found, student, path.name, Wanted(only, timeout, alone))
    show(run, console)
    if not run.good:
        raise click.exceptions.Exit(2 if run.stopped else 1)
