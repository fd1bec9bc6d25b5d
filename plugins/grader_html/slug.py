"""Names files after students, whatever a student is called."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from itertools import chain, count

LONGEST = 40  # characters; four bytes each at most, well below the 255 of a file name
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|index)", re.IGNORECASE)


def slug(name: str) -> str:
    """Return a file name without an ending, the same for the same name in every run.

    A name that had to be changed, or that differs from another only by case, keeps apart by a digest.
    """
    letters = "".join(c if c.isalnum() or c in "-_" else "-" for c in unicodedata.normalize("NFC", name))
    plain = re.sub(r"-+", "-", letters)[:LONGEST].strip("-_").lower()
    if plain and plain == name and not RESERVED.fullmatch(plain):
        return plain
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain}-{digest}" if plain else digest


def slugs(names: Iterable[str]) -> list[str]:
    """Return a slug for each name; a student who occurs twice gets a number."""
    taken: dict[str, None] = {}
    for name in names:
        first = slug(name)
        numbered = (f"{first}-{number}" for number in count(2))
        taken[next(made for made in chain([first], numbered) if made not in taken)] = None
    return list(taken)
