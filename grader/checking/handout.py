"""Which assignment a student means, and which of their files."""

from __future__ import annotations

from pathlib import Path

from grader.course import find_course, read_assignment
from grader.errors import CourseError, UnknownAssignment, Usage
from grader.model import Assignment
from grader.names import FOLDER, folder_called

KINDS = (".py", ".ipynb")


def find_handout(name: str | None, course: Path | None = None) -> Assignment:
    """Return the assignment called `name`: a folder, a number, a name, or None for the one where one stands.

    Only the handed-out folder is needed. A name is looked for where one stands, among the folders there and beside
    it, then in the course.
    """
    here = Path.cwd()
    if name is None:
        return _where_one_stands(here)
    if _is_handout(Path(name)):
        return read_assignment(Path(name))
    nearby = _nearby(here) if course is None else {}
    try:
        return read_assignment(nearby[folder_called(name, tuple(nearby), here)])
    except UnknownAssignment as unknown:
        return _of_the_course(name, course, unknown)


def find_file(assignment: Assignment, file: Path | None) -> tuple[Path, str]:
    """Return the student's file, and a note where there was a choice: the one saved last is taken.

    Raises:
        Usage: if there is no such file, or it is neither a module nor a notebook.
    """
    if file is None:
        folders = (Path.cwd(), assignment.folder)
        found = next((found for folder in folders if (found := _files(assignment, folder))), ())
    elif file.is_dir():
        found = _files(assignment, file)
    else:
        found = (_examined(file, assignment),)
    if not found:
        step = f"write {assignment.module}.py or {assignment.module}.ipynb, or name your file: grader check . FILE"
        raise Usage(f"there is no {assignment.module}.py or .ipynb", place=file or assignment.folder, step=step)
    chosen = max(found, key=lambda path: path.stat().st_mtime)
    others = " ".join(path.name for path in found if path != chosen)
    return chosen, f" (saved last; to check the other: grader check {others})" if others else ""


def _where_one_stands(here: Path) -> Assignment:
    folder = next((folder for folder in (here, *here.parents) if _is_handout(folder)), None)
    if folder is None:
        step = "go to an assignment's folder, or name it: grader check FOLDER"
        raise Usage("this is not the folder of an assignment: it has no assignment.toml", place=here, step=step)
    return read_assignment(folder)


def _nearby(here: Path) -> dict[str, Path]:
    candidates = (*_entries(here.parent), *_entries(here), here)
    return {path.name: path for path in candidates if FOLDER.fullmatch(path.name) and _is_handout(path)}


def _entries(folder: Path) -> tuple[Path, ...]:
    try:
        return tuple(folder.iterdir())
    except OSError:  # a folder that others may not read
        return ()


def _is_handout(folder: Path) -> bool:
    return (folder / "assignment.toml").is_file()


def _of_the_course(name: str, course: Path | None, unknown: UnknownAssignment) -> Assignment:
    try:
        found = find_course(course)
    except CourseError:
        if course is not None:
            raise
        raise unknown from None
    return found.assignment(name)


def _files(assignment: Assignment, folder: Path) -> tuple[Path, ...]:
    paths = (folder / f"{assignment.module}{kind}" for kind in KINDS)
    return tuple(path for path in paths if path.is_file())


def _examined(file: Path, assignment: Assignment) -> Path:
    if not file.is_file():
        step = f"name the file in which you write, such as {assignment.module}.py"
        raise Usage("there is no such file", place=file, step=step)
    if file.suffix not in KINDS:
        raise Usage("neither a module nor a notebook", place=file, step="name a .py or an .ipynb file")
    return file
