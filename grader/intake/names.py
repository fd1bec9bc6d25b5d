"""What names say: whose a submission is, which files are nobody's work, and how a name is written in a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

ARCHIVES = (".tar.gz", ".tgz", ".zip")
MODULE, NOTEBOOK = ".py", ".ipynb"
NOT_WORK = {"__pycache__", "__MACOSX", "node_modules", "venv", "Thumbs.db", "desktop.ini", "timestamp.txt"}
LONGEST = 80  # characters of a name or a line in a sentence


def suffix(name: str) -> str:
    """Return the lower-case ending that says what a file is: `.py`, `.tar.gz`; what else it has, or ""."""
    lower = name.lower()
    return next((end for end in ARCHIVES if lower.endswith(end)), PurePosixPath(lower).suffix)


def student(name: str, *, folder: bool = False) -> str:
    """Return whose work a file or folder of this name is: `ada.tar.gz` is ada's."""
    stem = name if folder else name[: len(name) - len(suffix(name))]
    return unicodedata.normalize("NFC", stem).strip() or name


def is_passed_over(parts: Iterable[str]) -> bool:
    """Say whether a path leads through something hidden or made by a tool."""
    return any(part.startswith(".") or part in NOT_WORK for part in parts)


def is_source(name: str) -> bool:
    """Say whether a file could be what an assignment asks for."""
    return suffix(name) in (MODULE, NOTEBOOK)


def shown(text: str) -> str:
    """Return a name or a line of a student's as it may stand in a sentence: one line, printable, cut short."""
    plain = re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text)).strip()
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def listed(names: Iterable[str], most: int = 4) -> str:
    """Join names: a, b and c. Beyond `most`, the others are counted."""
    every = [shown(name) for name in names]
    if len(every) > most:
        every = [*every[: most - 1], f"{len(every) - most + 1} more"]
    return " and ".join(filter(None, [", ".join(every[:-1]), *every[-1:]]))
