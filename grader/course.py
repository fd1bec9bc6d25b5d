"""A course and its assignments, read from disk.

    course.toml    assignments/NN_slug/    solutions/NN_slug/    submissions/NN_slug/

`find_course(None)` is the course that one stands in. A folder that was handed out to students stands alone:
`read_assignment(folder)` reads it without a course.
"""

from __future__ import annotations

import keyword
import re
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from msgspec import Struct

from grader.digest import assignment_digest
from grader.errors import CourseError, UnknownAssignment
from grader.model import Assignment, Part, Tier
from grader.names import FOLDER, folder_called
from grader.roster import Roster, aware, read_roster
from grader.schema import AssignmentFile, CourseFile, Feedback, Language, WithoutGpu, read_table
from grader.secret import course_secret
from grader.wire import ban

__all__ = ["Course", "assignment_digest", "course_secret", "find_course", "read_assignment"]

CORE_POINTS = 100
MOST_STRETCH = 20
TAKEN = {*sys.stdlib_module_names, "torch", "numpy", "pytest", "grader", "probes", "conftest", "misconceptions"}


class Course(Struct, frozen=True):
    """A course folder. Assignments are read when they are asked for: a broken one hides no other."""

    root: Path
    title: str
    language: Language
    plugins: tuple[str, ...]  # files relative to the root, or importable names
    settings: Mapping[str, Mapping[str, Any]]  # of each plugin, by its name
    roster: Roster
    deadlines: Mapping[str, datetime]  # by the assignment's id
    without_gpu: WithoutGpu
    timezone: tzinfo | None  # of times that name none
    names: tuple[str, ...]  # the assignments' folder names
    feedback: Feedback = "hints"

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """Every assignment, in order; a CourseError if one is not as it must be."""
        return tuple(self.assignment(name) for name in self.names)

    def assignment(self, name: str) -> Assignment:
        """Read the assignment called `3`, `assignment3`, `03_slug`, `slug`, or by the path of its folder."""
        if name not in self.names and (Path(name) / "assignment.toml").is_file():
            folder = Path(name).resolve()
            inside = folder.parent == self.root / "assignments"
            return self._read(folder.name) if inside else read_assignment(folder)
        return self._read(folder_called(name, self.names, self.root))

    def _read(self, name: str) -> Assignment:
        solution = self.root / "solutions" / name
        return read_assignment(
            self.root / "assignments" / name,
            solution if solution.is_dir() else None,
            due=self.deadlines.get(name),
        )


def find_course(start: Path | None = None) -> Course:
    """Read the course at `start` (where one stands, if None) or in the nearest folder above it."""
    here = start or Path.cwd()
    if (root := course_root(here)) is not None:
        return _read_course(root)
    step = "go to a course's folder, name one with --course DIR, or start one with a course.toml that has a title"
    raise CourseError("neither here nor above is a course", place=here.resolve(), step=step)


def course_root(start: Path) -> Path | None:
    """Return the folder of the course that `start` lies in, also of one without assignments, or None.

    Raises:
        CourseError: if there is no such folder.
    """
    here = start.resolve()
    if not here.is_dir():
        raise CourseError("there is no such folder", place=start, step="name a folder with a course.toml in it")
    return next((folder for folder in (here, *here.parents) if _is_course(folder)), None)


def _is_course(folder: Path) -> bool:
    return (folder / "course.toml").is_file() or (folder / "assignments").is_dir()


def _read_course(root: Path) -> Course:
    file = root / "course.toml"
    said = read_table(file, CourseFile) if file.exists() else CourseFile(title=root.name)
    names = _assignment_folders(root)
    zone = _zone(said.timezone, file)
    return Course(
        root=root,
        title=said.title,
        language=said.language,
        plugins=said.plugins,
        settings=said.settings,
        roster=read_roster(said.roster, root, zone, names),
        deadlines={
            _deadline_of(key, names, file): aware(due, zone, file, f"deadlines.{key}")
            for key, due in said.deadlines.items()
        },
        without_gpu=said.without_gpu,
        timezone=zone,
        names=names,
        feedback=said.feedback,
    )


def _assignment_folders(root: Path) -> tuple[str, ...]:
    home = root / "assignments"
    if not home.is_dir():
        raise CourseError("the course has no assignments/", place=root, step="make assignments/01_name/assignment.toml")
    folders = sorted(f.name for f in home.iterdir() if f.is_dir() and f.name[0] not in "._")
    for name in folders:
        if not FOLDER.fullmatch(name):
            step = "call it a number, an underscore and a lower-case name, such as 03_linear_models"
            raise CourseError(f"'{name}' is not the name of an assignment", place=home / name, step=step)
    return tuple(folders)


def _zone(name: str, file: Path) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        step = 'write an IANA name, such as timezone = "Asia/Shanghai"'
        raise CourseError(f"timezone: there is no time zone '{name}'", place=file, step=step) from None


def _deadline_of(key: str, names: tuple[str, ...], file: Path) -> str:
    try:
        return folder_called(key, names, file)
    except UnknownAssignment as error:
        raise CourseError(f"deadlines: {error.problem}", place=file, step=error.step) from None


# ---- one assignment --------------------------------------------------------------------------------------------


def read_assignment(folder: Path, solution: Path | None = None, *, due: datetime | None = None) -> Assignment:
    """Read an assignment from the folder that is handed out; a CourseError names the file and the key.

    A folder that a student renamed has no number: it is 0.
    """
    folder = folder.resolve()
    file = folder / "assignment.toml"
    if not folder.is_dir():
        raise CourseError("there is no such folder", place=folder, step="name the folder of an assignment")
    said = read_table(file, AssignmentFile)
    _examine(said, file)
    named = FOLDER.fullmatch(folder.name)
    return Assignment(
        id=folder.name,
        number=int(named["number"]) if named else 0,
        slug=named["slug"] if named else folder.name,
        title=said.title,
        module=said.module,
        parts=said.parts,
        folder=folder,
        solution=solution,
        limits=said.limits,
        title_zh=said.title_zh,
        source=said.source,
        hours=said.hours,
        due=due,
    )


def _examine(said: AssignmentFile, file: Path) -> None:
    """Raise a CourseError for what is well-formed and cannot be meant."""

    def refuse(problem: str, step: str) -> NoReturn:
        raise CourseError(problem, place=file, step=step)

    if not said.module.isidentifier() or keyword.iskeyword(said.module):
        refuse(f"module: '{said.module}' cannot be imported", "use letters, digits and underscores, such as my_module")
    if said.module in TAKEN:
        refuse(f"module: '{said.module}' would hide another module", "choose a name of the assignment's own")
    if not said.parts:
        refuse("parts: there is none", "write a [[parts]] table with id, title and points")
    for id_, times in Counter(part.id for part in said.parts).items():
        if times > 1:
            refuse(f"parts: the id '{id_}' is used {times} times", "give each part an id of its own")
    for number, part in enumerate(said.parts, 1):
        _examine_part(part, f"part {number} ({part.id})", refuse)
    for name in said.limits.__struct_fields__:
        if getattr(said.limits, name) <= 0:
            refuse(f"limits.{name}: must be above 0", "leave it out for the ordinary limit")
    core = sum(part.points for part in said.parts if part.tier is Tier.CORE)
    if abs(core - CORE_POINTS) > 1e-6:
        refuse(f"parts: the core parts have {core:g} points together", f"make them {CORE_POINTS}")
    stretch = sum(part.points for part in said.parts if part.tier is Tier.STRETCH)
    if stretch > MOST_STRETCH:
        refuse(f"parts: the stretch parts have {stretch:g} points together", f"make them {MOST_STRETCH} at most")


def _examine_part(part: Part, where: str, refuse: Any) -> None:
    if not re.fullmatch(r"[A-Za-z_]\w*", part.id):
        refuse(f"{where}: the id '{part.id}' is not a plain name", "use letters, digits and underscores")
    if part.points <= 0:
        refuse(f"{where}: points: must be above 0", "give it points, or delete the part")
    for name in part.names:
        if not all(piece.isidentifier() for piece in name.split(".")):
            refuse(f"{where}: names: '{name}' is not a dotted name", "write it as in Python: AdamW.step")
    for name in part.forbidden:
        if ban.read(name) is None:
            step = "write torch.optim.AdamW, torch.optim.*, aten::cumsum, or aten::convolution(transposed=True)"
            refuse(f"{where}: forbidden: '{name}' is not a dotted name, and no operator", step)
