"""The student's file, made into the module that the public checks import."""

from __future__ import annotations

import atexit
import builtins
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, NoReturn

from msgspec import Struct

from grader.checking.deadline import TookTooLong, deadline
from grader.checking.places import Locate, in_file, in_notebook, last_place
from grader.errors import GraderError, Ungradable
from grader.manager import build_manager
from grader.model import Assignment, Loaded

LOADERS = ("grader_module", "grader_notebook")


class Student(Struct, frozen=True):
    """The student's module, and how its lines are called."""

    module: ModuleType
    locate: Locate
    notes: tuple[str, ...] = ()


def load_student(assignment: Assignment, path: Path, seconds: float | None = None) -> Student:
    """Import a module or a notebook as the assignment's module, in this process.

    Raises:
        Ungradable: with the line, if it does not parse, raises, or is stopped. What else the loaders say.
    """
    path = path.resolve()
    loaded = read(assignment, path)
    locate = in_notebook if path.suffix == ".ipynb" else in_file(path)
    along = {name: data for name, data in loaded.files.items() if name != loaded.entry}
    with _found(path.parent, along):
        module = execute(assignment.module, loaded.files[loaded.entry], path, locate, seconds)
    return Student(module, locate, (*loaded.notes, *getattr(module, "__grader_notes__", ())))


def read(assignment: Assignment, path: Path) -> Loaded:
    """Ask the loaders that grading asks, and no other plugin: they do not execute anything."""
    manager = build_manager(defaults=LOADERS, installed=False)
    loaded = manager.hook.grader_load(assignment=assignment, path=path)
    if not isinstance(loaded, Loaded):
        raise Ungradable("this is not something that can be loaded", place=path, step="name a .py or an .ipynb file")
    return loaded


@contextmanager
def _found(folder: Path, along: Mapping[str, bytes]) -> Iterator[None]:
    """Let what comes along with a module be imported, and what is beside it, from now on."""
    temporary = TemporaryDirectory()
    atexit.register(temporary.cleanup)  # a function may import when it is called
    for name, data in along.items():
        Path(temporary.name, name).write_bytes(data)
    sys.path[:0] = [str(folder), temporary.name]
    ask = vars(builtins)["input"]
    try:
        yield
    finally:
        vars(builtins)["input"] = ask  # what runs cells answers for the keyboard; a debugger needs it back


def execute(name: str, source: bytes, path: Path, locate: Locate, seconds: float | None) -> ModuleType:
    """Execute a source as the module of this name; tracebacks say `path`."""
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        with deadline(seconds):
            exec(compile(source, str(path), "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:
        del sys.modules[name]
        _refuse(error, path, locate)
    return module


def fill_gaps(module: ModuleType, names: Iterable[str], subject: str) -> None:
    """Give a module the names that it lacks, so that one missing function does not stop the checks of the others."""
    for name in names:
        if not hasattr(module, name):
            setattr(module, name, _missing(name, subject))


def _missing(name: str, subject: str) -> Callable[..., NoReturn]:
    def missing(*_args: Any, **_kwargs: Any) -> NoReturn:
        raise NotImplementedError(f"{name} is not in {subject}")

    missing.__name__ = name
    return missing


def _refuse(error: BaseException, path: Path, locate: Locate) -> NoReturn:
    """Raise the GraderError that says what stopped the import, and where."""
    if isinstance(error, GraderError):
        raise error
    problem, step = _explained(error, path.name)
    where = error.__cause__ if isinstance(error, TookTooLong) and error.__cause__ else error
    place = last_place(where, locate)
    if isinstance(error, SyntaxError) and error.filename == str(path) and error.lineno:
        place = locate(str(path), error.lineno)
    raise Ungradable(problem, place=f"{place.label}: {place.code}" if place else path, step=step) from error


def _explained(error: BaseException, file: str) -> tuple[str, str]:
    kind = type(error).__name__
    if isinstance(error, SyntaxError):
        return f"{file} is not Python: {error.msg}", "mend this line, or the one before it"
    if isinstance(error, KeyboardInterrupt | TookTooLong):
        return f"stopped while {file} was being imported", "move what takes long into `if __name__ == '__main__':`"
    if isinstance(error, SystemExit):
        return f"{file} ends the program when it is imported", "take out the call of exit()"
    return (
        f"{file} raised {kind} when it was imported: {error}",
        "mend it, or move it into `if __name__ == '__main__':`",
    )
