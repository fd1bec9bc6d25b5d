"""What a result says to its reader: said once, so that the console, the pages and the other reports agree.

`shown_to_student` is the one place where a level of feedback is applied: every report that a student may read is made
from it. `shown` is for the instructor, and leaves nothing out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import msgspec
from msgspec import Struct

from grader.model import AssignmentSummary, CheckResult, Outcome, Part, Report
from grader.schema import Feedback
from grader.teaching.costs import OVER_BUDGET
from grader.teaching.faults import WAITED
from grader.teaching.levels import USUAL, for_student
from grader.teaching.notation import listed
from grader.teaching.phrases import LANGUAGES, OUTCOMES, speaker
from grader.teaching.standing import Standing, standing, undecided_names

__all__ = ["Shown", "by_part", "for_student", "next_steps", "shown", "shown_to_student", "titled"]

NEXT_STEPS = 3  # more than three things to do is a list that nobody starts on
NOT_LOST = {Outcome.PASSED, Outcome.PENDING, Outcome.INVALID}


class CheckFeedback(Struct, frozen=True):
    """One check, in words. `hint` comes from a diagnosis; `advice` is what to try where there is none.

    `section` is where the handout explains what was lost.
    """

    result: CheckResult
    label: str
    says: str = ""
    asked: str = ""
    hint: str = ""
    advice: str = ""
    section: str = ""
    open: bool = False  # neither earned nor lost yet


class PartFeedback(Struct, frozen=True):
    """One part with its checks, which are none where only its points are shown.

    `number` is its place in the handout; 0 for checks of no declared part.
    """

    number: int
    title: str
    part: Part
    earned: float
    possible: float
    pending: float
    undecided: float
    checks: tuple[CheckFeedback, ...]

    @property
    def section(self) -> str:
        """Where the handout explains this part, if anything was lost in it."""
        return next((check.section for check in self.checks if check.section), "")


class Shown(Struct, frozen=True):
    """One submission as one reader sees it: a report says nothing of it but this."""

    report: Report
    standing: Standing
    parts: tuple[PartFeedback, ...]
    steps: tuple[CheckFeedback, ...]


def shown(report: Report, assignment: AssignmentSummary, language: str) -> Shown:
    """Put a submission into words for the instructor, with all that is known."""
    parts = by_part(report, assignment, language)
    return Shown(report, standing(report, language), parts, next_steps(parts))


def shown_to_student(report: Report, assignment: AssignmentSummary, language: str, level: Feedback = USUAL) -> Shown:
    """Put a submission into words for its student, at this level of feedback."""
    seen = shown(for_student(report, level), assignment, language)
    if level in ("hints", "full"):
        return seen
    bare = tuple(msgspec.structs.replace(part, checks=_bare(part.checks)) for part in seen.parts)
    return msgspec.structs.replace(seen, parts=bare, steps=())


def _bare(checks: Iterable[CheckFeedback]) -> tuple[CheckFeedback, ...]:
    """Leave of each check its title and how it ended."""
    empty = {"says": "", "asked": "", "hint": "", "advice": "", "section": ""}
    return tuple(msgspec.structs.replace(check, **empty) for check in checks)


def titled(what: Part | AssignmentSummary, language: str) -> str:
    """Return a title in this language where there is one."""
    return (language == "zh" and what.title_zh) or what.title


class Among(Struct, frozen=True):
    """What the words for one check depend on besides itself: the report's other checks, and the language."""

    titles: Mapping[str, str]  # of the checks that did not pass, by name
    undecided: frozenset[str]
    sections: Mapping[str, str]  # of the handout, by part
    language: str


def by_part(report: Report, assignment: AssignmentSummary, language: str) -> tuple[PartFeedback, ...]:
    """Group the checks by part, in the handout's order; a part of which no check was run is left out."""
    declared = {part.id: (number, part) for number, part in enumerate(assignment.parts, 1)}
    names = [*declared, *dict.fromkeys(check.part for check in report.checks if check.part not in declared)]
    groups = {name: [check for check in report.checks if check.part == name] for name in names}
    titles = {check.name: check.title for check in report.checks if check.outcome is not Outcome.PASSED}
    among = Among(titles, undecided_names(report.checks), _sections(assignment, language), language)
    other = speaker(language)("other_part")
    known = {name: declared.get(name, (0, Part(name, name or other, 0))) for name in names}
    return tuple(_part(*known[name], checks, among) for name, checks in groups.items() if checks)


def _sections(assignment: AssignmentSummary, language: str) -> Mapping[str, str]:
    """Return where the handout explains each part: in English where there is none in this language."""
    say = speaker(language)
    known = sorted(assignment.sections, key=lambda section: section.language == language)  # the last one counts
    return {found.part: say("section", file=found.file, heading=found.heading) for found in known}


def _part(number: int, part: Part, checks: Sequence[CheckResult], among: Among) -> PartFeedback:
    return PartFeedback(
        number=number,
        title=titled(part, among.language),
        part=part,
        earned=sum(check.earned for check in checks),
        possible=sum(check.points for check in checks),
        pending=sum(check.points for check in checks if check.outcome is Outcome.PENDING),
        undecided=sum(check.points for check in checks if check.name in among.undecided),
        checks=_said_once([of_check(check, part, among) for check in checks if check.title], among.language),
    )


def of_check(check: CheckResult, part: Part, among: Among) -> CheckFeedback:
    """Put one check into words."""
    column = LANGUAGES.index(among.language) if among.language in LANGUAGES else 0
    label, says, advice = (pair[column] for pair in OUTCOMES[check.outcome.value])
    if kind := _kind_of_fault(check):
        advice = speaker(among.language)(kind)
    hint = check.diagnosis.hint if check.diagnosis else ""
    open_ = check.outcome is Outcome.PENDING or check.name in among.undecided
    advice = "" if hint or (open_ and check.outcome is Outcome.BLOCKED) else advice
    lost = not open_ and check.outcome not in NOT_LOST
    section, asked = (among.sections.get(part.id, ""), check.asked) if lost else ("", "")
    return CheckFeedback(check, label, _said(check, part, among) or says, asked, hint, advice, section, open_)


def _kind_of_fault(check: CheckResult) -> str:
    """Name the advice for a budget that was not kept, and for ranks that waited for each other; "" for all else."""
    if check.outcome is Outcome.FAILED and any(growth.exponent > growth.at_most for growth in check.growths):
        return "grows"
    if check.outcome is Outcome.FAILED and any(words in check.message for words in OVER_BUDGET):
        return "costs"
    return "waits" if check.outcome is Outcome.TIMEOUT and any(words in check.message for words in WAITED) else ""


def _said(check: CheckResult, part: Part, among: Among) -> str:
    say = speaker(among.language)
    before = [among.titles[name] for name in check.after if name in among.titles]
    if check.outcome is Outcome.BLOCKED and before:
        return say("after", titles=listed(before))
    if check.outcome is Outcome.NOT_ATTEMPTED and not check.message and len(part.names) == 1:
        return say("unwritten", names=part.names[0])
    return "" if check.outcome in (Outcome.PASSED, Outcome.INVALID) else check.message


def _said_once(checks: Sequence[CheckFeedback], language: str) -> tuple[CheckFeedback, ...]:
    """Give advice once, and point back to a hint that stands above instead of repeating it."""
    first: dict[str, str] = {}
    said = []
    for check in checks:
        once = _after_its_like(check, first, language)
        first.setdefault(check.hint or check.advice, check.result.title)
        said.append(once)
    return tuple(said)


def _after_its_like(check: CheckFeedback, first: Mapping[str, str], language: str) -> CheckFeedback:
    if check.hint and check.hint in first:
        advice = speaker(language)("same_hint", title=listed([first[check.hint]]))
        return msgspec.structs.replace(check, hint="", advice=advice)
    return msgspec.structs.replace(check, advice="") if check.advice in first else check


def next_steps(parts: Iterable[PartFeedback]) -> tuple[CheckFeedback, ...]:
    """Choose what to do first: what has a hint, else the first thing that went wrong in each part."""
    lost = [[c for c in part.checks if c.result.outcome not in NOT_LOST | {Outcome.BLOCKED}] for part in parts]
    hinted: dict[str, CheckFeedback] = {}
    for check in chain.from_iterable(lost):
        if check.hint:
            hinted.setdefault(check.hint, check)
    firsts = [checks[0] for checks in lost if checks and not any(check.hint for check in checks)]
    return (*hinted.values(), *firsts)[:NEXT_STEPS]
