"""The class that is graded: notebooks of eight kinds, made from the handed-out one. The same class for every grader."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

HERE = Path(__file__).parent
COURSE = HERE / "course"
ASSIGNMENT = "01_layers"
MODULE = "layers"
HANDOUT = COURSE / "assignments" / ASSIGNMENT
SOLUTION = COURSE / "solutions" / ASSIGNMENT
TRIAL = "x = torch.linspace(-1, 1, 5)\nprint(softmax(x), softmax(x).sum())"


class Kind(Struct, frozen=True):
    """How one kind of student answers: the solution or the stub, with some cells replaced by a file of answers/."""

    name: str
    points: float
    solved: bool = True
    answers: str = ""


KINDS = (
    Kind("perfect", 100),
    Kind("other style", 100, answers="other_style"),
    Kind("overflows", 90, answers="overflows"),
    Kind("hides the token itself", 85, answers="hides_itself"),
    Kind("averages gradients", 70, answers="averages"),
    Kind("partly right", 55, solved=False, answers="partly"),
    Kind("raises", 60, answers="raises"),
    Kind("stub", 0, solved=False),
)


class Student(Struct, frozen=True):
    """One of the class. The number makes every notebook another: nothing can be answered from an earlier one."""

    number: int

    @property
    def name(self) -> str:
        """As it appears in every grader's results."""
        return f"student{self.number:03}"

    @property
    def kind(self) -> Kind:
        """The kinds take turns."""
        return KINDS[self.number % len(KINDS)]

    def fill(self, notebook: Mapping[str, Any]) -> dict[str, Any]:
        """Return a handed-out notebook with this student's answers in it, and a cell where they were tried."""
        answers = answers_of(self.kind)
        cells = [
            cell | {"source": f"# {self.name}\n{answers[cell['id']]}"} if cell["id"] in answers else cell
            for cell in notebook["cells"]
        ]
        trial = {"cell_type": "code", "id": "trial", "metadata": {}, "source": TRIAL}
        return {**notebook, "cells": [*cells, trial | {"execution_count": None, "outputs": []}]}


def students(size: int) -> Iterator[Student]:
    """Return a class of this size."""
    return map(Student, range(size))


def answers_of(kind: Kind) -> dict[str, str]:
    """Return what a kind of student writes, by the name of what each cell is to define."""
    base = (SOLUTION if kind.solved else HANDOUT) / f"{MODULE}.py"
    answers = definitions(base)
    return answers | (definitions(HERE / "answers" / f"{kind.answers}.py") if kind.answers else {})


def definitions(path: Path) -> dict[str, str]:
    """Return the source of each top-level function and class of a module."""
    text = path.read_text(encoding="utf-8")
    found = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return {node.name: ast.get_source_segment(text, node) or "" for node in found}


def hand_in(folder: Path, size: int, notebook: Path = HANDOUT / f"{MODULE}.ipynb", inside: str = "") -> Path:
    """Write the class's notebooks to `folder`/STUDENT.ipynb, or to `folder`/STUDENT/`inside`."""
    handed_out = json.loads(notebook.read_text(encoding="utf-8"))
    for student in students(size):
        path = folder / student.name / inside if inside else folder / f"{student.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(student.fill(handed_out)), encoding="utf-8")
    return folder
