"""From the one source of an assignment: the stub module, the stub notebook and the solution notebook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.errors import CourseError
from grader.model import Assignment
from grader.teaching.notebook import notebook
from grader.teaching.regions import BEGIN
from grader.teaching.stub import make_stub


def generate(assignment: Assignment) -> Mapping[Path, str]:
    """Return what is generated from an assignment's source: the text of each file, by its path.

    Raises:
        CourseError: with the line, if there is no source, it does not parse, a region is not what it must be, or
            the stub lacks a part's name or gives a solution away.
    """
    source = source_of(assignment)
    text = _read(source)
    stub, raised = make_stub(text, source, assignment)
    handout = assignment.folder / assignment.module
    return {
        handout.with_suffix(".py"): stub,
        handout.with_suffix(".ipynb"): notebook(stub, raised),
        source.with_suffix(".ipynb"): notebook(text, [BEGIN]),
    }


def source_of(assignment: Assignment) -> Path:
    """Return the path of the one source."""
    if assignment.solution is None:
        step = f"write solutions/{assignment.id}/{assignment.module}.py"
        raise CourseError("there is no solution to generate a stub from", place=assignment.folder, step=step)
    return assignment.solution / f"{assignment.module}.py"


def stale(generated: Mapping[Path, str]) -> tuple[Path, ...]:
    """Return the paths whose files are not there or say something else."""
    return tuple(path for path, text in generated.items() if not path.is_file() or path.read_bytes() != text.encode())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise CourseError("the source of the assignment is not there", place=path, step="write it") from error
    except UnicodeDecodeError as error:
        raise CourseError("the source is not UTF-8", place=path, step="save it as UTF-8") from error
