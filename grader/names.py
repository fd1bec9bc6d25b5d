"""What an assignment may be called: `3`, `assignment3`, `03_linear_models`, `linear_models`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from grader.errors import UnknownAssignment
from grader.schema import nearest

FOLDER = re.compile(r"(?P<number>\d+)_(?P<slug>[a-z0-9_]+)")


def folder_called(name: str, folders: Sequence[str], place: Path) -> str:
    """Return the one folder that `name` means; UnknownAssignment lists the nearest otherwise."""
    found = [folder for folder in folders if _is_called(folder, name)]
    if len(found) == 1:
        return found[0]
    if found:
        step = f"name it in full, one of {', '.join(found)}"
        raise UnknownAssignment(f"'{name}' could be {' or '.join(found)}", place=place, step=step)
    meant = _meant(name, folders)
    step = f"did you mean {' or '.join(meant)}?" if meant else f"the assignments are {', '.join(folders) or 'none yet'}"
    raise UnknownAssignment(f"no assignment is called '{name}'", place=place, step=step)


def _is_called(folder: str, name: str) -> bool:
    number, slug = folder.split("_", 1)
    asked = name.strip().rstrip("/").lower().removeprefix("assignments/").replace("-", "_")
    digits = re.fullmatch(r"(?:assignment|hw|a)?_?(\d+)", asked)
    return asked in (folder, slug) or (digits is not None and int(digits[1]) == int(number))


def _meant(name: str, folders: Sequence[str]) -> list[str]:
    slugs = {folder.split("_", 1)[1]: folder for folder in folders}
    near = nearest(name, (*folders, *slugs))
    return list(dict.fromkeys(slugs.get(match, match) for match in near))
