"""`grader new`: a whole assignment to begin from, with a course around it if there is none."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("new")
@click.argument("title")
@click.option("--number", type=click.IntRange(1, 999), metavar="N", help="Its number; else the next one.")
@click.option("--slug", default="", metavar="NAME", help="Its name, after the number; else made from the title.")
@click.option(
    "--module", default="", metavar="NAME", help="What students hand in: NAME.py or NAME.ipynb; else the slug."
)
@click.option("--title-zh", default="", metavar="TITLE", help="Its title in Chinese; else TITLE.")
@click.pass_obj
def command(course: Path | None, title: str, number: int | None, slug: str, module: str, title_zh: str) -> None:
    """Write a complete assignment, one tiny part of it, that runs and proves itself; then put your own in its place.

    Where one stands in no course, that folder becomes one: a course.toml is all it takes. Nothing is written over.
    """
    from grader.course import course_root
    from grader.teaching.scaffold.naming import named
    from grader.teaching.scaffold.writing import taken_names, write_assignment, write_course

    start = course or Path.cwd()
    root = course_root(start)
    taken = taken_names(root) if root else ()
    naming = named(title, taken, title_zh=title_zh, number=number, slug=slug, module=module)
    if root is None:
        root = start.resolve()
        write_course(root)
        click.echo(f"{root} is a course now: course.toml")
    write_assignment(root, naming)
    for half, what in (("assignments", "what students get"), ("solutions", "what they never see")):
        click.echo(f"wrote {half}/{naming.folder}/  {what}")
    click.echo("next")
    for words, what in _next_steps(naming.folder, naming.number):
        click.echo(f"  {words:40}  {what}")


def _next_steps(folder: str, number: int) -> tuple[tuple[str, str], ...]:
    return (
        (f"pytest solutions/{folder}", "the hidden checks, on the solution"),
        (f"grader validate {number}", "whether they catch what they should"),
        (f"grader release {number}", "the zip for students"),
    )
