"""The corpus of hostile submissions. Nothing in it is ever imported here: it is text, until a sandbox runs it.

    corpus/KIND/NAME.py             a module's text, dressed up for an assignment (dress.py)
    corpus/KIND/NAME/attack.py      the same, with the files beside it that are handed in too
    crafted.py                      those that are no module: notebooks, archives

Its docstring says what an attack tries. Comments say what should come of it where the assignment's other parts are
right: `# ends: failed|crashed` how checks of the attacked part end, or `# ends: ungradable: words of the reason`;
`# others: passed|timeout` how the rest ends, if not passed; `# if it earns: ...` what that says of a check.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct

from grader.errors import Usage
from grader.redteam.crafted import CRAFTED
from grader.schema import nearest

CORPUS = Path(__file__).parent / "corpus"
KINDS = ("takeover", "leakage", "semantic", "resource", "notebook")
HEADER = re.compile(r"^# (ends|others|if it earns): (.+)$", re.MULTILINE)
ADVICE = {
    "takeover": "this is a hole in the grader: report it",
    "leakage": "this is a hole in the grader: report it",
    "semantic": "ask it `after` a check of values, or with inputs for which only the right answer is right",
    "resource": "ask it `after` a check of values",
    "notebook": "this is a hole in the grader: report it",
}

Craft = Callable[[str, str], Mapping[str, bytes]]


class Attack(Struct, frozen=True):
    """One hostile submission. `craft(module, source)` gives the files to hand in, by what follows a student's name."""

    name: str
    kind: str
    tries: str
    ends: tuple[str, ...]
    craft: Craft
    text: str = ""
    others: tuple[str, ...] = ("passed",)
    reason: tuple[str, ...] = ()  # of what cannot be graded: one of these words
    advice: str = ""

    @property
    def passes(self) -> bool:
        """Whether it does the honest work besides, and so earns what that is worth."""
        return "passed" in self.ends


@cache
def corpus() -> tuple[Attack, ...]:
    """Return every attack, by kind and name."""
    written = [_read(path) for path in sorted(CORPUS.glob("*/*")) if path.suffix == ".py" or path.is_dir()]
    crafted = [_attack(name, *parts) for name, parts in CRAFTED.items()]
    return tuple(sorted([*written, *crafted], key=lambda attack: (KINDS.index(attack.kind), attack.name)))


def chosen(names: tuple[str, ...]) -> tuple[Attack, ...]:
    """Return the attacks of these names or kinds; all of them if none is named.

    Raises:
        Usage: with the nearest names.
    """
    known = {attack.name for attack in corpus()} | set(KINDS)
    for name in names:
        if name not in known:
            meant = nearest(name, known)
            step = f"did you mean {' or '.join(meant)}?" if meant else "grader redteam --list names them"
            raise Usage(f"there is no attack '{name}'", step=step)
    return tuple(attack for attack in corpus() if not names or {attack.name, attack.kind} & set(names))


def _read(path: Path) -> Attack:
    folder = path.is_dir()
    text = (path / "attack.py" if folder else path).read_text(encoding="utf-8")
    files = [file for file in path.iterdir() if file.is_file() and file.name != "attack.py"] if folder else []
    beside = {file.name: file.read_bytes() for file in files}

    def craft(module: str, source: str) -> Mapping[str, bytes]:
        if not folder:
            return {".py": source.encode()}
        return {f"/{module}.py": source.encode(), **{f"/{name}": content for name, content in beside.items()}}

    return _attack(path.stem, path.parent.name, text, craft)


def _attack(name: str, kind: str, text: str, craft: Craft) -> Attack:
    said = dict(HEADER.findall(text))
    ends, _, reason = said["ends"].partition(": ")
    return Attack(
        name=name,
        kind=kind,
        tries=" ".join((ast.get_docstring(ast.parse(text)) or "").split()),
        ends=tuple(ends.split("|")),
        craft=craft,
        text=text,
        others=tuple(said.get("others", "passed").split("|")),
        reason=tuple(reason.split("|")) if reason else (),
        advice=said.get("if it earns", ADVICE[kind]),
    )
