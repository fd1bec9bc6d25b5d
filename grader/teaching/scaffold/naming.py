"""What a new assignment is called: its folder, from its title, and its module."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection

from msgspec import Struct

from grader.course import TAKEN
from grader.errors import Usage


class Naming(Struct, frozen=True):
    """The names of a new assignment."""

    title: str
    title_zh: str
    number: int
    slug: str
    module: str

    @property
    def folder(self) -> str:
        """Its folder, in assignments/ and in solutions/."""
        return f"{self.number:02d}_{self.slug}"


def named(
    title: str,
    taken: Collection[str],
    *,
    title_zh: str = "",
    number: int | None = None,
    slug: str = "",
    module: str = "",
) -> Naming:
    """Name an assignment of a course whose folders are `taken`; what is not given follows from the title.

    Raises:
        Usage: if no slug or module can be made of the title, or a name is taken.
    """
    title = " ".join(title.split())
    if not title.isprintable() or not title:
        raise Usage("the title is empty, or not text", step='give it in quotes: grader new "Layer normalisation"')
    numbers = {int(folder.split("_", 1)[0]) for folder in taken}
    slug = _slug(title, slug)
    naming = Naming(title, title_zh or title, number or max(numbers, default=0) + 1, slug, _module(slug, module))
    if naming.number in numbers:
        raise Usage(f"there is an assignment {naming.number}", step="leave out --number: the next free one is taken")
    if any(folder.split("_", 1)[1] == slug for folder in taken):
        raise Usage(f"there is an assignment called '{slug}'", step="choose another name with --slug")
    return naming


def _slug(title: str, said: str) -> str:
    if said:
        if not re.fullmatch(r"[a-z0-9_]+", said):
            raise Usage(f"--slug {said}: not a folder's name", step="use lower-case letters, digits and underscores")
        return said
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", title) if not unicodedata.combining(letter))
    if not plain.isascii():
        problem = f"no folder can be named after '{title}', which is not in the letters a to z"
        raise Usage(problem, step=f'name it: grader new "{title}" --slug linear_models')
    slug = re.sub(r"[^a-z0-9]+", "_", plain.lower().replace("'", "")).strip("_")
    if not slug:
        raise Usage(f"no folder can be named after '{title}'", step="name it with --slug")
    return slug


def _module(slug: str, said: str) -> str:
    module = said or slug
    if not module.isidentifier() or not module.isascii() or keyword.iskeyword(module):
        raise Usage(f"'{module}' cannot be imported", step="name what students hand in: --module my_module")
    if module in TAKEN:
        raise Usage(f"'{module}' would hide another module", step=f"name it otherwise: --module {module}_lab")
    return module
