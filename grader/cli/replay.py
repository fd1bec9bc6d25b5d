"""`grader replay`: a check of a stored attempt again, on the same inputs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import db_option, gradebook_of, manager_for, plugin_option
from grader.course import Course, find_course
from grader.errors import GradebookError, Usage

if TYPE_CHECKING:
    from grader.gradebook import Gradebook, StoredAttempt
    from grader.model import CheckResult
    from grader.work import Job


@click.command("replay")
@click.argument("attempt", type=int)
@click.option("--check", required=True, metavar="NAME", help="The check, as a report names it.")
@click.option("--sandbox", metavar="NAME", help="What confines student code.  [default: as it was graded]")
@db_option
@plugin_option
@click.pass_obj
def command(
    start: Path | None, attempt: int, check: str, sandbox: str | None, db: str | None, plugins: tuple[str, ...]
) -> None:
    """Run one check of ATTEMPT again, with the same files and the same hidden inputs, and print its details.

    What it prints is for the instructor: it may hold inputs and expected values. Nothing is recorded.

    \b
    grader show assignment3          the numbers of the attempts
    grader replay 17 --check moments_are_unbiased
    """
    from grader.gradebook import open_gradebook
    from grader.pipeline import replay

    course = find_course(start)
    manager = manager_for(course, plugins, quiet=True)
    with open_gradebook(gradebook_of(course, db), create=False) as gradebook:
        job = job_of(course, gradebook, gradebook.attempt(attempt), check, sandbox)
    verdict = replay(manager, job)
    results = [result for result in verdict.checks if result.name == check]
    if verdict.reason or not results:
        raise Usage(verdict.reason or f"'{check}' did not run", place=f"attempt {attempt}", step="see grader doctor")
    for result in results:
        print_result(result)


def job_of(course: Course, gradebook: Gradebook, stored: StoredAttempt, check: str, sandbox: str | None) -> Job:
    """Return the job that runs this check on what was handed in."""
    from grader.model import Submission
    from grader.work import Job

    report = stored.report
    if not report.checks:
        raise Usage(f"no check of attempt {stored.id} ran: {report.reason}", step="mend that, and grade it again")
    refuse_unknown(check, [result.name for result in report.checks], stored.id)
    loaded = gradebook.files(report.digest)
    if loaded is None:
        step = f"grade {report.path} again"
        raise GradebookError(f"the files of attempt {stored.id} were not kept", place=gradebook.place, step=step)
    return Job(
        key=stored.key,
        assignment=course.assignment(stored.assignment),
        submission=Submission(student=report.student, path=Path(report.path), submitted=report.submitted),
        loaded=loaded,
        seed=stored.seed,
        sandbox=sandbox or report.sandbox,
        only=check,
        language=course.language,
    )


def refuse_unknown(check: str, names: list[str], attempt: int) -> None:
    """Raise a Usage error for a check that the attempt does not have."""
    from grader.schema import nearest

    if check in names:
        return
    meant = nearest(check, names)
    step = f"did you mean {' or '.join(meant)}?" if meant else f"its checks are {', '.join(names)}"
    raise Usage(f"attempt {attempt} has no check '{check}'", step=step)


def print_result(result: CheckResult) -> None:
    """Print all that is known of a check, for the instructor."""
    colour = "green" if result.outcome == "passed" else "red"
    outcome = click.style(result.outcome.value, fg=colour, bold=True)
    click.echo(f"{result.name}: {outcome}, {result.earned:g} of {result.points:g} points, {result.seconds:.2f} s")
    for text in (result.title, result.message, result.detail):
        if text:
            click.echo(f"\n{text}")
    if result.diagnosis:
        click.echo(f"\n{result.diagnosis.misconception}: {result.diagnosis.hint}")
