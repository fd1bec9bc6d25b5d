"""What proof.toml says of mutants, held against what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.proving.exceptions import FILE, Equivalent
from grader.proving.mutants.hunt import Fate
from grader.proving.mutants.mutant import Mutant
from grader.proving.proof import Finding

RULE = "mutants"
AWAY = f"take the entry out of {FILE}"


def on_entries(
    entries: Sequence[Equivalent], mutants: Sequence[Mutant], fates: Mapping[int, Fate]
) -> Iterator[Finding]:
    """Yield what is wrong with entries. One whose mutants were not judged this time is believed."""
    for entry in entries:
        named = [number for number, mutant in enumerate(mutants) if mutant.is_named_by(entry)]
        noticed = [fates[number] for number in named if number in fates and fates[number].killed]
        about = f"{entry.within}: {entry.was} -> {entry.becomes}"
        if not entry.reason.strip():
            yield Finding(
                RULE, about, "is marked as equivalent without a reason", "say in `reason` why it is no mistake"
            )
        elif not named:
            yield Finding(RULE, about, "is marked as equivalent, and is no mutant of the solution", AWAY)
        elif noticed:
            said = noticed[0].lost or "its import, which fails,"
            yield Finding(RULE, about, f"is marked as equivalent, but {said} notices it", AWAY)


def marked(mutant: Mutant, entries: Sequence[Equivalent]) -> bool:
    """Whether an entry that gives a reason says that a mutant is no mistake."""
    return any(mutant.is_named_by(entry) for entry in entries if entry.reason.strip())
