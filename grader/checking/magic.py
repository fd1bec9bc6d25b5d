"""`%load_ext grader` and `%check 3` in a notebook: the public checks on what the notebook has defined so far."""

from __future__ import annotations

import shlex
import sys
from types import ModuleType
from typing import Any

from grader.checking.handout import find_handout
from grader.checking.places import Locate, code_at
from grader.checking.public import run_public
from grader.checking.recorder import Wanted
from grader.checking.results import Place, PublicRun
from grader.checking.student import Student
from grader.errors import GraderError, Usage
from grader.model import Assignment

SUBJECT = "this notebook"


def register(ipython: Any) -> None:
    """Give a notebook the magic `%check`."""

    def check(line: str) -> None:
        """Run the public checks on this notebook: `%check [ASSIGNMENT] [--only NAME]`."""
        try:
            run = check_namespace(line, ipython.user_ns, cells_of(ipython))
        except GraderError as error:
            print(error, file=sys.stderr)
        else:
            display(run, ipython)

    ipython.register_magic_function(check, "line", "check")


def check_namespace(line: str, namespace: dict[str, Any], locate: Locate) -> PublicRun:
    """Run the public checks that a line of `%check` asks for, on what a namespace holds. No cell is run again."""
    name, only = _asked(line)
    assignment = find_handout(name)
    student = Student(module_from(namespace, assignment), locate)
    alone = " ".join(["%check", *([name] if name else []), "--only"])
    return run_public(assignment, student, SUBJECT, Wanted(only, alone=alone))


def module_from(namespace: dict[str, Any], assignment: Assignment) -> ModuleType:
    """Return a module that holds what a notebook has defined; IPython's own names are left out."""
    module = ModuleType(assignment.module)
    vars(module).update({name: value for name, value in namespace.items() if not name.startswith("_")})
    return module


def cells_of(ipython: Any) -> Locate:
    """Locate lines in the notebook's cells, by the number that stands beside a cell when it has run."""

    def locate(name: str, line: int) -> Place | None:
        found = ipython.compile.format_code_name(name)
        return Place(f"{found[1]}, line {line}", code_at(name, line)) if found else None

    return locate


def display(run: PublicRun, ipython: Any) -> None:
    """Show a run: as HTML in a notebook, as text on a terminal."""
    from grader.checking.page import as_html, as_text

    ipython.display_pub.publish({"text/html": as_html(run), "text/plain": as_text(run)})


def _asked(line: str) -> tuple[str | None, str]:
    words = shlex.split(line)
    only = ""
    if "--only" in words:
        at = words.index("--only")
        if at + 1 == len(words):
            raise Usage("--only takes the name of a check", step="%check --only NAME")
        only = words[at + 1]
        del words[at : at + 2]
    if len(words) > 1:
        raise Usage(f"%check takes one assignment and was given {len(words)}", step="%check 3")
    return (words[0] if words else None), only
