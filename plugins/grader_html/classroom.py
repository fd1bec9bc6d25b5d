"""What a whole class shows: the figures of the instructor's page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import mean, median

from msgspec import Struct

from grader.model import CheckResult, Gradesheet, Outcome, Part, Report
from grader.teaching.feedback import PartFeedback, by_part
from grader.teaching.standing import Standing, standing

IN_ORDER = (  # as a bar is read: passed, the student's doing, not reached, undecided
    *(Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.TIMEOUT, Outcome.MEMORY, Outcome.CRASHED),
    *(Outcome.FORBIDDEN, Outcome.BLOCKED, Outcome.NOT_ATTEMPTED, Outcome.PENDING, Outcome.INVALID),
)
OPEN = {Outcome.PENDING, Outcome.INVALID}


class Row(Struct, frozen=True):
    """One student in the class table; `cells` are the parts, None where none of a part's checks was run."""

    slug: str
    report: Report
    standing: Standing
    cells: tuple[PartFeedback | None, ...]


class Bar(Struct, frozen=True):
    """One bar of the distribution. `height` is a share of the highest."""

    label: str
    count: int
    height: float


class CheckRate(Struct, frozen=True):
    """How a class did on one check. `share` is None where most are undecided."""

    check: CheckResult
    counts: tuple[tuple[Outcome, int], ...]
    share: float | None

    @property
    def total(self) -> int:
        """Students in whom the check has an outcome."""
        return sum(count for _, count in self.counts)


class WrongIdea(Struct, frozen=True):
    """A misconception and who had it."""

    name: str
    hint: str
    check: str
    rows: tuple[Row, ...]


def rows(gradesheet: Gradesheet, slugs: Sequence[str]) -> tuple[Row, ...]:
    """Make a row for each submission, in the gradesheet's order."""
    return tuple(_row(report, name, gradesheet) for report, name in zip(gradesheet.submissions, slugs, strict=True))


def _row(report: Report, slug: str, gradesheet: Gradesheet) -> Row:
    parts = {part.part.id: part for part in by_part(report, gradesheet.assignment, gradesheet.language)}
    cells = tuple(parts.get(part.id) for part in gradesheet.assignment.parts)
    return Row(slug, report, standing(report, gradesheet.language), cells)


def scores(class_: Iterable[Row]) -> list[float]:
    """List the shares of the points, of the submissions that have a score."""
    return [row.standing.share for row in class_ if row.standing.counted and row.standing.share is not None]


def middle(shares: Sequence[float], possible: float) -> tuple[float, float] | None:
    """Return the median and the mean, in points."""
    return (median(shares) * possible, mean(shares) * possible) if shares else None


def distribution(shares: Iterable[float]) -> tuple[Bar, ...]:
    """Count scores by tens of per cent. The last bar holds full marks and what is above them."""
    counts = Counter(max(0, min(10, int(share * 10 + 1e-9))) for share in shares)
    highest = max(counts.values(), default=1)
    labels = [f"{10 * n}" for n in range(10)] + ["100+"]
    return tuple(Bar(label, counts[n], counts[n] / highest) for n, label in enumerate(labels))


def check_rates(gradesheet: Gradesheet) -> list[tuple[int, Part | None, list[CheckRate]]]:
    """Count the outcomes of each check, by part in the handout's order."""
    results: defaultdict[str, dict[str, list[CheckResult]]] = defaultdict(lambda: defaultdict(list))
    for report in gradesheet.submissions:
        for check in report.checks:
            results[check.part][check.name].append(check)
    declared = {part.id: (number, part) for number, part in enumerate(gradesheet.assignment.parts, 1)}
    order = sorted(results, key=lambda part: declared[part][0] if part in declared else len(declared) + 1)
    return [(*declared.get(part, (0, None)), [_rate(checks) for checks in results[part].values()]) for part in order]


def _rate(checks: Sequence[CheckResult]) -> CheckRate:
    counts = Counter(check.outcome for check in checks)
    decided = sum(count for outcome, count in counts.items() if outcome not in OPEN)
    in_order = tuple((outcome, counts[outcome]) for outcome in IN_ORDER if counts[outcome])
    return CheckRate(checks[0], in_order, counts[Outcome.PASSED] / decided if 2 * decided > len(checks) else None)


def wrong_ideas(class_: Iterable[Row]) -> list[WrongIdea]:
    """List the misconceptions that were recognised, the commonest first."""
    found: dict[str, tuple[CheckResult, dict[str, Row]]] = {}
    for row in class_:
        for check in row.report.checks:
            if check.diagnosis:
                found.setdefault(check.diagnosis.misconception, (check, {}))[1][row.slug] = row
    ideas = [
        WrongIdea(name, check.diagnosis.hint if check.diagnosis else "", check.title, tuple(who.values()))
        for name, (check, who) in found.items()
    ]
    return sorted(ideas, key=lambda idea: (-len(idea.rows), idea.name))
