"""A raid: every attack is handed in to a copy of the assignment, with honest work between, and graded as ever."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from pluggy import PluginManager

from grader.course import Course
from grader.gradebook import GRADEBOOK_FILE, open_gradebook
from grader.model import Assignment, Gradesheet, Outcome, Report, Status
from grader.pipeline import Options, grade
from grader.redteam.attack import Attack
from grader.redteam.canary import Canaries, hatch, in_environment
from grader.redteam.dress import Base, dressed, solution_source
from grader.redteam.target import target
from grader.redteam.traces import Traces, watched

NEIGHBOUR = "neighbour"
HONEST = "honest"
SEEN = "LEAK"  # what an attack prints when it finds what it must not
NOT_WRITTEN = "def attack(honest, *args, **kwargs):\n    raise NotImplementedError\n"
HARMLESS = {Outcome.PASSED, Outcome.PENDING}


class Struck(Struct, frozen=True):
    """An attack, what came of it, the points of the honest work in it, and the canaries that it got hold of."""

    attack: Attack
    report: Report
    honest: float
    leaked: tuple[str, ...]

    @property
    def got_through(self) -> bool:
        """Whether it earned more than its honest work, read what it must not, or broke our side."""
        saw = bool(self.leaked) or SEEN in self.report.output
        return saw or self.report.earned > self.honest or self.report.status is Status.UNFINISHED


class Raid(Struct, frozen=True):
    """What a raid came to."""

    assignment: Assignment
    struck: tuple[Struck, ...]
    neighbours: tuple[Report, ...]
    traces: Traces

    @property
    def held(self) -> bool:
        """Whether nothing got through, nothing was left behind and no neighbour came to harm."""
        through = any(struck.got_through for struck in self.struck)
        return not (through or self.spoiled or self.traces.processes or self.traces.files)

    @property
    def spoiled(self) -> tuple[Report, ...]:
        """The honest neighbours whose results are not what they would have been: full marks."""
        return tuple(n for n in self.neighbours if not _is_right(n))


def _is_right(report: Report) -> bool:
    return report.status is Status.GRADED and all(check.outcome in HARMLESS for check in report.checks)


def raid(
    manager: PluginManager,
    assignment: Assignment,
    attacks: Sequence[Attack],
    base: Base,
    options: Options,
    *,
    every: int = 8,
) -> Raid:
    """Grade every attack, each on the base, with an honest neighbour after `every` so many."""
    canaries = hatch()
    with tempfile.TemporaryDirectory(prefix="grader-redteam-") as folder:
        root = Path(folder)
        course, attacked = target(assignment, root / "course", canaries)
        inbox = root / "inbox"
        inbox.mkdir()
        names = dict(_hand_in(inbox, attacked, attacks, base, canaries, every))
        with watched(assignment.folder) as traces, in_environment(canaries["environment"]):
            reports = _graded(manager, course, attacked, inbox, canaries, options).submissions
    by_name = {name: [r for r in reports if names[_handed_in(r)] == name] for name in {*names.values()}}
    unattacked = by_name[HONEST][0].earned
    struck = (
        Struck(a, r, r.possible if a.passes and base.works else unattacked, tuple(canaries.seen_in(r)))
        for a in attacks
        for r in by_name[a.name]
    )
    return Raid(assignment, tuple(struck), tuple(by_name[NEIGHBOUR]), traces)


def _graded(
    manager: PluginManager, course: Course, assignment: Assignment, inbox: Path, canaries: Canaries, options: Options
) -> Gradesheet:
    earlier = Report("somebody", "somebody.py", Status.UNGRADABLE, 0, 0, 0, reason=canaries["gradebook"])
    with open_gradebook(course.root / GRADEBOOK_FILE) as gradebook:
        gradebook.record(earlier, None, assignment=assignment.id, key="", seed=b"")
        return grade(manager, course, assignment, [inbox], gradebook=gradebook, options=options)


def _handed_in(report: Report) -> str:
    """Return the number that a submission's name begins with."""
    return Path(report.path).name[:4]


def _hand_in(
    inbox: Path, assignment: Assignment, attacks: Sequence[Attack], base: Base, canaries: Canaries, every: int
) -> Iterator[tuple[str, str]]:
    """Write the submissions, numbered in the order of the raid; yield each number with whose it is."""
    forbidden = tuple(dict.fromkeys(name for part in assignment.parts for name in part.forbidden))
    honest = {".py": dressed(NOT_WRITTEN, base, forbidden).encode()}
    waiting: list[tuple[str, dict[str, bytes]]] = [(HONEST, honest), (NEIGHBOUR, _neighbour(assignment, canaries, 0))]
    for number, attack in enumerate(attacks, 1):
        source = dressed(attack.text, base, forbidden)
        waiting.append((attack.name, dict(attack.craft(assignment.module, source))))
        if number % every == 0 or number == len(attacks):
            waiting.append((NEIGHBOUR, _neighbour(assignment, canaries, number)))
    for number, (name, files) in enumerate(waiting):
        for rest, content in files.items():
            path = inbox / f"{number:04}-{name}{rest}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield f"{number:04}", name


def _neighbour(assignment: Assignment, canaries: Canaries, number: int) -> dict[str, bytes]:
    """Return right work that holds a canary; each differs, so that each is executed."""
    source = f"{solution_source(assignment)}\n\n_WORDS = ({canaries['neighbour']!r}, {number})\n"
    return {".py": source.encode()}
