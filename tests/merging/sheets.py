"""Gradesheets of a small class from several machines, drawn: mostly of one truth, now and then contradicting it."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from hypothesis import strategies as st
from msgspec.structs import replace

from grader.merging import Source
from grader.model import (
    Assignment,
    AssignmentSummary,
    CheckResult,
    Diagnosis,
    Gradesheet,
    Outcome,
    Part,
    Report,
    Status,
    Tier,
)

DUE = datetime(2026, 3, 9, 18, tzinfo=UTC)
PARTS = (
    Part("mean", "Mean", 60, title_zh="均值"),
    Part("step", "Step", 40, title_zh="步长"),
    Part("bonus", "Bonus", 5, tier=Tier.STRETCH),
    Part("fast", "Fast", 30, tier=Tier.GPU, title_zh="加速"),
)
CHECKS = {  # points, part, what it comes after
    "values": (40.0, "mean", ()),
    "dtype": (20.0, "mean", ("values",)),
    "order": (40.0, "step", ()),
    "more": (5.0, "bonus", ("order",)),
    "kernel": (10.0, "fast", ("values",)),
    "memory": (20.0, "fast", ("kernel", "order")),
}
GPU = ("kernel", "memory")
NOT_RUN = (Outcome.PENDING, Outcome.INVALID, Outcome.BLOCKED)
RAN = tuple(outcome for outcome in Outcome if outcome not in NOT_RUN)


def assignment(**changes) -> Assignment:
    return replace(
        Assignment("06_linear", 6, "linear", "Linear", "linear", PARTS, Path("assignments/06_linear"), due=DUE),
        **changes,
    )


def check(name: str, outcome: Outcome = Outcome.PASSED, **changes) -> CheckResult:
    points, part, after = CHECKS[name]
    earned = points if outcome is Outcome.PASSED else 0.0
    return replace(CheckResult(name, part, f"About {name}.", points, earned, outcome, after=after), **changes)


def report(student: str = "ada", checks=None, **changes) -> Report:
    """Make a report; without checks, of all of them, passed."""
    checks = [check(name) for name in CHECKS] if checks is None else checks
    made = Report(student, f"inbox/{student}.py", Status.GRADED, 0.0, 0.0, 130.0, digest="d" * 64, checks=tuple(checks))
    return replace(made, **{"sandbox": "bwrap", "machine": "cpu", "assignment_digest": "a" * 64} | changes)


def sheet(*reports: Report, **changes) -> Gradesheet:
    summary = AssignmentSummary("06_linear", "Linear", "a" * 64, 130, PARTS, title_zh="线性")
    return replace(Gradesheet(summary, reports, DUE, 1.5, "bwrap", {"torch": "2.6.0"}, "en", "cpu"), **changes)


def named(*sheets: Gradesheet) -> list[Source]:
    return [Source(f"{number}.json", one) for number, one in enumerate(sheets, 1)]


# ---- drawn -----------------------------------------------------------------------------------------------------

T1, T2 = DUE + timedelta(hours=30), DUE


class Luck:
    """Draws what is so, and in an odd world now and then something else."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.odd = draw(st.integers(0, 2)) == 0

    def one_of(self, *usual, odd=()):
        wrong = self.odd and odd and self.draw(st.integers(0, 7)) == 0
        return self.draw(st.sampled_from(odd if wrong else usual))


def truth(luck: Luck) -> dict[str, Outcome]:
    """Draw how each check of a student ends where nothing stands in its way."""
    outcomes: dict[str, Outcome] = {}
    for name, (_, _, after) in CHECKS.items():
        free = all(outcomes[other] is Outcome.PASSED for other in after)
        outcomes[name] = luck.one_of(Outcome.PASSED, Outcome.PASSED, *RAN) if free else Outcome.BLOCKED
    return outcomes


def drawn_check(luck: Luck, name: str, outcome: Outcome) -> CheckResult:
    after = CHECKS[name][2]
    held_back = [Outcome.BLOCKED] if after else []
    found = luck.one_of(outcome, outcome, outcome, Outcome.PENDING, Outcome.INVALID, *held_back, odd=RAN)
    made = check(name, found, seconds=luck.one_of(0.1, 0.2), message=luck.one_of("", "shape"))
    if found is Outcome.BLOCKED:
        made = replace(made, after=luck.one_of(after, after[:1], after[-1:]))
    if found is Outcome.FAILED:
        made = replace(made, diagnosis=luck.one_of(None, Diagnosis("biased", "Divide by n.")))
    return made


def drawn_report(luck: Luck, student: str, outcomes: dict[str, Outcome]) -> Report:
    status = luck.one_of(*[Status.GRADED] * 7, Status.UNFINISHED, odd=[Status.UNGRADABLE])
    names = luck.one_of(tuple(CHECKS), GPU, ("order", "values"), ("more", "dtype"), odd=[tuple(CHECKS)[::-1]])
    graded = status is Status.GRADED
    return report(
        student,
        [drawn_check(luck, name, outcomes[name]) for name in (names if graded else ())],
        status=status,
        digest=luck.one_of("d" * 64, odd=["e" * 64]) if graded else luck.one_of("", "d" * 64),
        reason="" if graded else luck.one_of("it broke", "line 3 is not Python"),
        submitted=luck.one_of(None, T1, T1.astimezone(timezone(timedelta(hours=8))), odd=[T2]),
        path=luck.one_of("inbox/x.py", "/mnt/x.py"),
        notes=luck.one_of((), ("cell 7 was passed over", "cell 12 has a magic"), ("unpacked",)),
        output=luck.one_of("", "loss 0.3\n"),
        seconds=luck.one_of(0.5, 1.5),
        sandbox=luck.one_of("bwrap", "cell", "none"),
        key=luck.one_of("1" * 64, "2" * 64, ""),
        attempt=luck.one_of(None, 1, 2),
        machine=luck.one_of("cpu", "cuda NVIDIA H100", "cuda 2 x NVIDIA L4"),
        regraded=luck.one_of(True, False),
    )


@st.composite
def drawn_sheets(draw: st.DrawFn, least: int = 1, most: int = 4) -> list[Gradesheet]:
    """Draw gradesheets of one class."""
    luck = Luck(draw)
    truths = {student: truth(luck) for student in ("ada", "李雷")}
    return [drawn_sheet(luck, truths) for _ in range(draw(st.integers(least, most)))]


def drawn_sheet(luck: Luck, truths: dict[str, dict[str, Outcome]]) -> Gradesheet:
    here = [student for student in truths if luck.one_of(True, True, False)]
    return sheet(
        *(drawn_report(luck, student, truths[student]) for student in here),
        started=luck.one_of(T1, T2),
        seconds=luck.one_of(1.0, 9.0),
        sandbox=luck.one_of("bwrap", "none"),
        environment=luck.one_of({"torch": "2.6.0+cpu"}, {"torch": "2.6.0+cu126", "driver": "570"}),
        language=luck.one_of("en", odd=["zh"]),
        machine=luck.one_of("cpu", "cuda NVIDIA H100"),
    )
