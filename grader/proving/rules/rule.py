"""What a rule is: the trials that it needs, and what it makes of what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from grader.model import CheckResult, Outcome
from grader.proving.bench import Bench
from grader.proving.proof import Ruling
from grader.proving.trials import Effort, Evidence, Trial


class Rule(Struct, frozen=True):
    """A rule. `says` is what it demands, in a line for `--list`."""

    id: str
    says: str
    trials: Callable[[Bench, Effort], Iterable[Trial]]
    ruling: Callable[[Bench, Evidence, Effort], Ruling]


def named(results: Iterable[CheckResult | str], most: int = 4) -> str:
    """Name some checks: the first of them, and how many more there are."""
    names = [result if isinstance(result, str) else result.name for result in results]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def many(count: int, what: str) -> str:
    """Write a number of things."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def either(count: int, well: str, badly: str) -> str:
    """Say how many did not do well, or that all did."""
    return well if not count else f"{badly}: {count}"


def why(results: Sequence[CheckResult]) -> str:
    """Say how the first of some results ended, for one who is to mend it."""
    first = results[0]
    said = first.message or first.outcome.value
    if first.outcome is Outcome.INVALID:
        said = first.detail.strip().splitlines()[-1] if first.detail.strip() else said
    return f"{first.name}: {said}"
