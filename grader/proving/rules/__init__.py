"""The rules of a proof, one a file: which trials each needs, and what it makes of them."""

from __future__ import annotations

from grader.proving.rules import careless, caught, liars, margins, misconceptions, noise, parts, solution

RULES = (
    solution.RULE,
    misconceptions.RULE,
    noise.RULE,
    liars.RULE,
    careless.RULE,
    caught.RULE,
    parts.RULE,
    margins.RULE,
)
