"""Writes numbers, times and strangers' text as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable

UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def points(value: float) -> str:
    """Write points as a person would: 7, 7.5, 0.33."""
    return f"{round(value, 2) + 0.0:.10g}"  # + 0.0: there is no minus zero


def signed(value: float) -> str:
    """Write points that are given or taken, with a true minus sign."""
    return f"+{points(value)}" if value > 0 else points(value).replace("-", "−")


def duration(seconds: float) -> str:
    """Write a time with the precision that it deserves."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def legible(text: str) -> str:
    """Show what a terminal would obey or a reader could not see, such as escape codes and turned text, as an escape."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return UNSEEN.sub(lambda found: f"\\x{ord(found[0]):02x}", lines)


def encodable(text: str, encoding: str) -> str:
    """Replace what an encoding lacks by question marks: a name must not stop a run on an old terminal."""
    return text.encode(encoding, "replace").decode(encoding)


def listed(titles: Iterable[str]) -> str:
    """Put titles, which are sentences, into one."""
    return "; ".join(title.rstrip(".。") for title in titles)
