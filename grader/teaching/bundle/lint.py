"""Shows that nothing of a solution is in what students get, nor of whoever wrote it. Each rule is a function.

It looks for what an author leaves there by mistake: a copied line, a file in the wrong folder, a notebook that was run
on the solution. It does not know the same idea in other words, nor looks into archives other than zip.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from grader.model import Assignment
from grader.teaching.bundle.passages import Passage, passages
from grader.teaching.bundle.texts import Squeezed, Text, members, squeezed, texts
from grader.teaching.regions import MARKER
from grader.teaching.source import generate, source_of, stale

MOST = 2 / 3  # of a solution: so much of it may stand in a script that students begin from
A_PATH = r"(?<![\w.-])"  # its beginning: no piece of a web address
HOMES = re.compile(A_PATH + r"(?:(?:/home/|/Users/|[A-Za-z]:\\+Users\\+)[\w.-]+|/root/[\w.-]+)")
README = "README.md"
PUBLIC_CHECKS = "test_public.py"


class Finding(Struct, frozen=True):
    """Where something is that must not be there, and what it is."""

    where: str
    problem: str


class Handout(Struct, frozen=True):
    """What students would get: each file's bytes by its name, and all that can be read in them."""

    assignment: Assignment
    files: Mapping[str, bytes]
    texts: tuple[Text, ...]


def findings(assignment: Assignment, files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Return all that these files must not hold; nothing, if they can be handed out.

    Raises:
        CourseError: if no stub can be made of the source, as when the stub itself would give the solution away.
    """
    read = tuple(text for name, data in files.items() for text in texts(name, data))
    handout = Handout(assignment, files, read)
    return tuple(dict.fromkeys(finding for rule in RULES for finding in rule(handout)))


# ---- the rules -------------------------------------------------------------------------------------------------


def what_is_generated_is_up_to_date(handout: Handout) -> Iterator[Finding]:
    """A stub is free of solutions because it is made so; one that was changed by hand is not."""
    for path in stale(generate(handout.assignment)):
        if path.is_relative_to(handout.assignment.folder):
            yield Finding(path.name, "is not what the source makes: run grader build")


def no_file_is_one_of_the_solution(handout: Handout) -> Iterator[Finding]:
    """No file has the bytes of one in solutions/, whatever it is called, also inside of a zip."""
    secret = {_digest(path.read_bytes()): path for path in _secret_files(handout.assignment) if path.stat().st_size}
    for name, data in handout.files.items():
        for inside, content in {name: data, **{f"{name}: {member}": c for member, c in members(data).items()}}.items():
            if path := secret.get(_digest(content)):
                yield Finding(inside, f"is the file {_below(path, handout.assignment)}")


def no_line_is_one_of_the_solution(handout: Handout) -> Iterator[Finding]:
    """No code of the secret half stands anywhere, but for what the stub and the scripts to begin from have anyway."""
    given = _given(handout)
    public = "\n".join(squeezed(text.text) for text in handout.texts if text.where in given) + squeezed(_stub(handout))
    known = passages(handout.assignment)
    secret = [passage for passage in known if passage.code not in public]
    for text in handout.texts:
        yield from _found(Squeezed(text), _mostly_in(text, known) if text.where in given else secret, handout)


def no_marker_is_left(handout: Handout) -> Iterator[Finding]:
    """Where a marker stands, a solution was."""
    for text in handout.texts:
        for number, line in enumerate(text.text.splitlines(), 1):
            if MARKER.search(line):
                yield Finding(text.place(number), f"has a marker of a solution: {line.strip()[:60]}")


def no_notebook_was_run(handout: Handout) -> Iterator[Finding]:
    """Outputs and counts come from a run, and what was run was the solution, or another person's machine."""
    for name, data in handout.files.items():
        for number, cell in enumerate(_cells(data) if name.endswith(".ipynb") else (), 1):
            left = [key for key in ("outputs", "execution_count") if cell.get(key)]
            if left:
                yield Finding(f"{name}, cell {number}", f"was run: it has {' and '.join(left).replace('_', ' ')}")


def nothing_tells_whose_machine_it_was(handout: Handout) -> Iterator[Finding]:
    """No path of a person's home or of this course is in any text."""
    root = str(handout.assignment.folder.parent.parent)
    here = re.compile(rf"{HOMES.pattern}|{A_PATH}{re.escape(root)}(?![\w-])")
    for text in handout.texts:
        for number, line in enumerate(text.text.splitlines(), 1):
            if path := here.search(line):
                yield Finding(text.place(number), f"names a folder of one machine: {path[0]}")


RULES: tuple[Callable[[Handout], Iterator[Finding]], ...] = (
    what_is_generated_is_up_to_date,
    no_file_is_one_of_the_solution,
    no_line_is_one_of_the_solution,
    no_marker_is_left,
    no_notebook_was_run,
    nothing_tells_whose_machine_it_was,
)


# ---- what they are made of -------------------------------------------------------------------------------------


def _found(text: Squeezed, secret: Sequence[Passage], handout: Handout) -> Iterator[Finding]:
    """Yield what a text has of each file of the secret half, as one finding."""
    lines = ((passage, text.line_of(passage.code)) for passage in secret)
    found = [(passage, line) for passage, line in lines if line is not None]
    for path in dict.fromkeys(passage.path for passage, _ in found):
        first, line = next(pair for pair in found if pair[0].path == path)
        more = len({passage.line for passage, _ in found if passage.path == path}) - 1
        rest = f", and {more} more of that file" if more else ""
        yield Finding(text.place(line), f"is line {first.line} of {_below(path, handout.assignment)}{rest}")


def _mostly_in(text: Text, secret: Sequence[Passage]) -> list[Passage]:
    """Return the passages of whatever stands in a text for the most part."""
    characters = squeezed(text.text)
    all_of = Counter(passage.of for passage in secret)
    there = Counter(passage.of for passage in secret if passage.code in characters)
    return [passage for passage in secret if there[passage.of] > MOST * all_of[passage.of]]


def _given(handout: Handout) -> set[str]:
    """Name the scripts that students begin from: those that the handout names."""
    readme = handout.files.get(README, b"").decode(errors="replace")
    generated = {f"{handout.assignment.module}.py", PUBLIC_CHECKS}
    return {name for name in handout.files if name.endswith(".py") and name not in generated and f"`{name}`" in readme}


def _stub(handout: Handout) -> str:
    return generate(handout.assignment)[handout.assignment.folder / f"{handout.assignment.module}.py"]


def _secret_files(assignment: Assignment) -> list[Path]:
    found = source_of(assignment).parent.rglob("*")
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def _cells(data: bytes) -> list[dict[str, object]]:
    try:
        cells = json.loads(data)["cells"]
    except (ValueError, KeyError, TypeError):
        return []
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _below(path: Path, assignment: Assignment) -> str:
    return path.relative_to(assignment.folder.parent.parent).as_posix()
