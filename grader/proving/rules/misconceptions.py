"""Each misconception loses the checks that it names, and is diagnosed as itself and as nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from grader.model import Outcome, Part
from grader.proving.bench import Bench
from grader.proving.proof import Finding, MisconceptionShown, Remark, Ruling
from grader.proving.replicas import parts_of, roots
from grader.proving.rules.rule import Rule, many, named
from grader.proving.trials import Effort, Evidence, Trial, Tried, family
from grader.referee.suite import Wrong

ID = "misconceptions"
MOST = 0.4  # of the points of a part that asks for other things too


def trials(bench: Bench, effort: Effort) -> Iterator[Trial]:  # noqa: ARG001
    """Yield every misconception, for the parts whose names it replaces, and those of the checks that it names."""
    for wrong in bench.suite.misconceptions:
        named_too = {check.part.id for check in bench.checks.values() if check.family in wrong.about.fails}
        own = parts_of(bench.assignment, wrong.about)
        if parts := tuple(part.id for part in bench.assignment.parts if part.id in named_too.union(own)):
            yield Trial(ID, wrong.about.name, lambda wrong=wrong: wrong.module, parts, diagnose=True)  # type: ignore[misc]


def ruling(bench: Bench, evidence: Evidence, effort: Effort) -> Ruling:  # noqa: ARG001
    """Look at each misconception, and at what names one."""
    tried = {one.trial.name: one for one in evidence.of(ID)}
    findings = list(_misnamed(bench))
    remarks: list[Remark] = []
    for wrong in bench.suite.misconceptions:
        if (one := tried.get(wrong.about.name)) is not None:
            findings += _findings(bench, wrong, one)
            remarks += _remarks(bench, wrong, one)
    bad = {finding.about.partition(":")[0] for finding in findings}
    good = len(tried.keys() - bad)
    said = f"{good} of {many(len(bench.suite.misconceptions), 'misconception')}"
    return Ruling(ID, f"{said} lose what they name, and are told as themselves alone", tuple(findings), tuple(remarks))


def _misnamed(bench: Bench) -> Iterator[Finding]:
    """Find names that name nothing: in `fails`, in `replaces`, in titles.zh.toml."""
    families = {check.family for check in bench.checks.values()}
    known = {wrong.about.name for wrong in bench.suite.misconceptions}
    for wrong in bench.suite.misconceptions:
        for name in sorted({*wrong.about.fails} - families):
            yield _finding(wrong, f"fails {name}", f"names {name!r}, which is no check", "name a check, or take it out")
        if not parts_of(bench.assignment, wrong.about):
            problem = f"replaces {wrong.about.replaces!r}, which no part asks for"
            yield _finding(wrong, "replaces", problem, "name it among the part's `names`, or replace what is named")
    for table, said, names in (("titles", bench.suite.titles, families), ("hints", bench.suite.hints, known)):
        for name in sorted(said.keys() - names):
            about = f"titles.zh.toml: {name}"
            yield Finding(ID, about, f"titles.zh.toml: {table} has {name!r}, which is not there", "rename it there too")


def _findings(bench: Bench, wrong: Wrong, one: Tried) -> Iterator[Finding]:
    about = wrong.about
    lost = {family(result.name) for result in one.lost}
    if not lost:
        yield _finding(wrong, "loses nothing", "loses nothing at all", "write the check that it should fail")
        return
    pending = {family(name) for name, result in one.results.items() if result.outcome is Outcome.PENDING}
    judged = {family(name) for name in one.results}
    for name in (name for name in about.fails if name in judged and name not in lost | pending):
        yield _finding(wrong, name, f"passes {name}, which it should fail", "sharpen the check, or correct `fails`")
    for result in one.lost:
        if result.outcome is Outcome.INVALID:
            said = result.detail.strip().rpartition("\n")[2]  # how the traceback ends
            problem = f"breaks {result.name} itself (invalid: {said})"
            yield _finding(wrong, result.name, problem, "mend the check: run it on this")
    yield from _told(bench, wrong, one)


def _told(bench: Bench, wrong: Wrong, one: Tried) -> Iterator[Finding]:
    """Find the parts in which it is not told, and the checks in which another is."""
    about = wrong.about
    for part in parts_of(bench.assignment, about):
        named_ones = [r for r in one.lost if r.part == part and (not about.fails or family(r.name) in about.fails)]
        if named_ones and about.name not in {one.diagnosed.get(result.name) for result in named_ones}:
            problem = f"is told by none of the checks of {part} that it fails ({named(named_ones)})"
            step = "another misconception may answer alike, or the answer differ from call to call"
            yield _finding(wrong, f"not told in {part}", problem, step)
    for name, told in one.diagnosed.items():
        if told != about.name:
            step = "list a check in `fails` that tells the two apart, or make them one"
            yield _finding(wrong, f"{name} tells {told}", f"is taken for {told} by {name}", step)


def _finding(wrong: Wrong, what: str, problem: str, step: str) -> Finding:
    return Finding(ID, f"{wrong.about.name}: {what}", f"{wrong.about.name} {problem}", step)


def _remarks(bench: Bench, wrong: Wrong, one: Tried) -> Iterator[Remark]:
    shown = shown_of(wrong, one)
    if shown.beyond:
        yield Remark(shown.name, f"{shown.name} also fails {named(shown.beyond)}, which it does not name")
    for part in bench.assignment.parts:
        share = sum(result.points for result in one.lost if result.part == part.id) / (part.points or 1.0)
        if share > MOST and _asks_for_more(part, wrong):
            yield Remark(shown.name, f"{shown.name} costs {share:.0%} of {part.id}, which asks for other things too")


def _asks_for_more(part: Part, wrong: Wrong) -> bool:
    return len({*roots(part)} - {wrong.about.replaces.partition(".")[0]}) > 0


def shown_of(wrong: Wrong, one: Tried) -> MisconceptionShown:
    """Return what came of a misconception, as the table of `--verbose` shows it."""
    about = wrong.about
    return MisconceptionShown(
        about.name,
        about.replaces,
        sum(result.points - result.earned for result in one.lost),
        sum(result.points for result in one.results.values()),
        tuple(name for name, told in one.diagnosed.items() if told == about.name),
        tuple(dict.fromkeys(family(r.name) for r in one.failed if family(r.name) not in about.fails)),
    )


RULE = Rule(ID, "each loses the checks that it names and is diagnosed as itself and nothing else", trials, ruling)
