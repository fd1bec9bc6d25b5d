"""The files of a new course and of a new assignment, as jinja templates in the places where they shall be.

`solutions/module.py.jinja` is written as `solutions/NN_slug/MODULE.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grader.teaching.scaffold.naming import Naming

HERE = Path(__file__).parent
SUFFIX = ".jinja"


def of_a_course(title: str) -> Mapping[str, str]:
    """Return the text of each file of a course, by its path there."""
    return {name.removeprefix("course/"): _rendered(name, title=title) for name in _names("course")}


def of_an_assignment(naming: Naming) -> Mapping[str, str]:
    """Return the text of each file of an assignment, by its path in the course."""
    names = [*_names("assignments"), *_names("solutions")]
    return {_placed(name, naming): _rendered(name, **_values(naming)) for name in names}


def _names(folder: str) -> list[str]:
    found = (HERE / folder).rglob(f"*{SUFFIX}")
    return sorted(path.relative_to(HERE).as_posix().removesuffix(SUFFIX) for path in found)


def _placed(name: str, naming: Naming) -> str:
    half, _, inside = name.partition("/")
    return f"{half}/{naming.folder}/{f'{naming.module}.py' if inside == 'module.py' else inside}"


def _values(naming: Naming) -> dict[str, object]:
    return {field: getattr(naming, field) for field in (*naming.__struct_fields__, "folder")}


def _rendered(name: str, **values: object) -> str:
    environment = Environment(loader=FileSystemLoader(HERE), undefined=StrictUndefined, keep_trailing_newline=True)
    environment.filters["toml"] = lambda text: json.dumps(text, ensure_ascii=False)  # a string of TOML is one of JSON
    return environment.get_template(name + SUFFIX).render(values)
