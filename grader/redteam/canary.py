"""Canaries: random words put where no student code may look. One that turns up in what a student reads has leaked.

Attacks know what a canary looks like, and look for one in memory, files and environments. What they print while their
module is imported is in the report.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from grader.model import Report
from grader.teaching.feedback import for_student

VARIABLE = "GRADER_CANARY"
READABLE = "probes.py"  # runs beside student code, which may read it
PLACES = ("solutions", "handout's folder", "gradebook", "environment", "neighbour")


class Canaries(Struct, frozen=True):
    """A word for each place."""

    words: dict[str, str]

    def __getitem__(self, place: str) -> str:
        return self.words[place]

    def seen_in(self, report: Report) -> list[str]:
        """Return the places of which something is in what the student reads."""
        read = msgspec.json.encode(for_student(report)).decode()
        return [place for place, word in self.words.items() if word in read]


def hatch() -> Canaries:
    """Return fresh canaries."""
    return Canaries({place: f"CANARY-{secrets.token_hex(16)}" for place in PLACES})


def sow(canaries: Canaries, root: Path) -> None:
    """Put a canary into every Python file of a course's solutions but the probes, and a file with one beside them."""
    for file in set((root / "solutions").rglob("*.py")) - set((root / "solutions").rglob(READABLE)):
        with file.open("a", encoding="utf-8") as source:
            source.write(f"\n\n_CANARY = {canaries['solutions']!r}\n")
    (root / "canary.txt").write_text(canaries["handout's folder"])


@contextmanager
def in_environment(word: str) -> Iterator[None]:
    """Have the canary in this process's environment, which what it starts could inherit."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = word
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
