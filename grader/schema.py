"""What `course.toml` and `assignment.toml` may say, and how a mistake in them is named."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct, field

from grader.errors import CourseError
from grader.model import Limits, Part

Language = Literal["en", "zh"]
WithoutGpu = Literal["pending", "drop"]
Feedback = Literal["none", "titles", "hints", "full"]  # what a student may read, from least to most
Table = TypeVar("Table", bound=Struct)


class CourseFile(Struct, frozen=True, forbid_unknown_fields=True):
    """`course.toml`. Everything but the title may be left out."""

    title: str
    language: Language = "en"
    plugins: tuple[str, ...] = ()  # files relative to the course, or importable names
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)  # a table for each plugin
    roster: str | dict[str, str] = field(default_factory=dict)  # a CSV file, or handed-in name = student
    deadlines: dict[str, datetime] = field(default_factory=dict)
    timezone: str = ""  # of the times that name none, such as "Asia/Shanghai"
    without_gpu: WithoutGpu = "pending"
    feedback: Feedback = "hints"


class AssignmentFile(Struct, frozen=True, forbid_unknown_fields=True):
    """`assignment.toml`."""

    title: str
    module: str
    parts: tuple[Part, ...]
    title_zh: str = ""
    source: str = ""
    hours: float = 0.0
    limits: Limits = Limits()


def nearest(name: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """Return the known names that `name` may have been meant to be, the nearest first."""
    lower = {k.lower(): k for k in known}
    return [lower[m] for m in difflib.get_close_matches(name.lower(), lower, most, cutoff=0.5)]


def read_table(path: Path, kind: type[Table]) -> Table:
    """Read a TOML file as this kind of table; a CourseError names the file and the key."""
    data = _parse(path)
    _refuse_unknown(data, kind, path, "")
    if kind is AssignmentFile:
        _refuse_unknown(data.get("limits"), Limits, path, "limits.")
        parts = data.get("parts")
        for number, part in enumerate(parts if isinstance(parts, list) else (), 1):
            _refuse_unknown(part, Part, path, f"part {number}: ")
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise CourseError(_said_plainly(str(error)), place=path) from None


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"{path.name} is missing", place=path, step=f"write {path.name} there") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path.name} is not UTF-8 text", place=path, step="save it as UTF-8") from None
    except OSError as error:
        raise CourseError(f"{path.name} cannot be read: {error.strerror}", place=path) from None
    except tomllib.TOMLDecodeError as error:
        problem = str(error)
        problem = problem[:1].lower() + problem[1:]
        raise CourseError(f"{path.name} is not TOML: {problem}", place=path, step="mend that line") from None


def _refuse_unknown(data: object, kind: type[Struct], path: Path, where: str) -> None:
    """Raise a CourseError for the first key that `kind` does not have."""
    known = kind.__struct_fields__
    for key in data if isinstance(data, dict) else ():
        if key not in known:
            meant = nearest(key, known, most=1)
            step = f"did you mean '{meant[0]}'?" if meant else f"the keys are {', '.join(known)}"
            raise CourseError(f"{where}there is no key '{key}'", place=path, step=step)


def _said_plainly(message: str) -> str:
    """Turn msgspec's "Expected `int`, got `str` - at `$.parts[0].points`" into "part 1: points: expected int..."."""
    problem, _, where = message.partition(" - at ")
    if required := re.match(r"Object missing required field `(\w+)`", problem):
        problem = f"the key '{required[1]}' is missing"
    where = where.strip("`").removeprefix("$").removeprefix(".").removesuffix("[...]")
    where = re.sub(r"^parts\[(\d+)\]\.?", lambda m: f"part {int(m[1]) + 1}: ", where)
    problem = (problem[:1].lower() + problem[1:]).replace("`", "")
    return f"{where.removesuffix(': ')}: {problem}" if where else problem
