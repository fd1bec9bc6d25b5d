"""A plugin that grades without running anything: a submission says itself how each check is to end.

    double passed
    scale failed
    late 5            takes 5 points

A part of tier gpu is pending where the job has no device; `fails_there` and `breaks_there` are for where it has one.

`nothing`, `broken`, `interrupt`, `alien` say how the executor itself is to behave. `*.bad` cannot be loaded, at
`*.bug` the loader breaks.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader.errors import Ungradable
from grader.hookspecs import hookimpl
from grader.model import Adjustment, Assignment, CheckResult, Loaded, Outcome, Part, Score, Status, Submission, Tier
from grader.work import Finding, Job, Sandbox, Verdict

executed: list[str] = []  # the students whose jobs were executed
judged: list[tuple[str, str]] = []  # student and check
now: dict[str, str] = {}  # how checks end from now on, whatever the submission says
drawn: list[str] = []
closed: list[bool] = []


@hookimpl
def grader_discover(assignment: Assignment, path: Path) -> Sequence[Submission] | None:
    if path.suffix == ".mystery":
        return None
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [Submission(student=file.stem, path=file) for file in files]


@hookimpl
def grader_load(assignment: Assignment, path: Path) -> Loaded | None:
    if path.suffix == ".odd":
        return None
    if path.suffix == ".bad":
        raise Ungradable("line 1 is not Python")
    if path.suffix == ".bug":
        raise KeyError("cells")
    return Loaded(files={"tiny.py": path.read_bytes()}, entry="tiny.py", notes=("as it came",))


@hookimpl
def grader_sandbox(name: str) -> Sandbox | None:
    return Sandbox(name, confined=True) if name in ("bwrap", "cell") else None


@hookimpl
def grader_execute(jobs: Iterable[Job], workers: int) -> Iterator[Verdict]:
    return execute(jobs)


def execute(jobs: Iterable[Job]) -> Iterator[Verdict]:
    try:
        for job in jobs:
            drawn.append(job.submission.student)
            yield from verdict(job)
    finally:
        closed.append(True)


def verdict(job: Job) -> Iterator[Verdict]:
    words = job.loaded.files["tiny.py"].decode().split()
    if "nothing" in words:
        return
    if "interrupt" in words:
        raise KeyboardInterrupt
    executed.append(job.submission.student)
    if "alien" in words:
        yield Verdict(key="nobody's", status=Status.GRADED)
    elif "broken" in words or ("breaks_there" in words and job.devices):
        yield Verdict(key=job.key, status=Status.UNFINISHED, reason="the sandbox did not start")
    elif "fails_there" in words and job.devices:
        yield Verdict(key=job.key, status=Status.UNGRADABLE, reason="it cannot be imported")
    else:
        yield Verdict(key=job.key, status=Status.GRADED, checks=tuple(checks(job, words)), notes=("as it ran",))


def checks(job: Job, words: list[str]) -> Iterator[CheckResult]:
    for part in job.assignment.parts:
        if part.id in words and selected(part, job.only):
            lacks = part.tier is Tier.GPU and not job.devices
            outcome = Outcome.PENDING if lacks else Outcome(now.get(part.id) or words[words.index(part.id) + 1])
            if not lacks:
                judged.append((job.submission.student, part.id))
            earned = part.points if outcome is Outcome.PASSED else 0.0
            detail = f"drawn from {job.seed.hex()[:8]}"
            yield CheckResult(part.id, part.id, part.title, part.points, earned, outcome, detail=detail)


def selected(part: Part, only: str) -> bool:
    return not only or part.id in only.split("\n") or (only == "gpu" and part.tier is Tier.GPU)


@hookimpl
def grader_adjust_score(assignment: Assignment, submission: Submission, score: Score) -> Adjustment | None:
    words = submission.path.read_text().split()
    if "late" not in words:
        return None
    return Adjustment(points=-float(words[words.index("late") + 1]), reason="late")


@hookimpl
def grader_doctor() -> list[Finding]:
    return [Finding("the fake executor", "ok", "it runs nothing")]
