"""One assignment proven: the reference first, then the trials of all rules side by side, then what each rule says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from grader.model import Assignment
from grader.proving import handed_in, survivors
from grader.proving.bench import Bench, at_bench
from grader.proving.exceptions import ProofFile, exceptions_of, excused, on_exceptions
from grader.proving.mutants.entries import RULE as MUTANTS
from grader.proving.mutation import MutationScore, mutated
from grader.proving.proof import CheckShown, MisconceptionShown, Proof, Ruling
from grader.proving.rules import RULES, caught, liars, margins, misconceptions, solution
from grader.proving.rules.rule import Rule
from grader.proving.trials import Effort, Evidence, Key, Trial, Tried, all_tried, cpu_seconds

SAYS = {RULES[0].id: RULES[0].says, handed_in.ID: handed_in.SAYS, **{rule.id: rule.says for rule in RULES[1:]}}
SAYS[MUTANTS] = f"at least {survivors.TARGET:.0%} of small changes to the reference are noticed (--mutate)"
KNOWN = tuple(SAYS)  # the rules, in the order of the table
UNSOUND = "left out: the reference does not pass"


class Wanted(Struct, frozen=True):
    """What to prove. `only` names rules; none is all, and mutants where they are asked for: all, or `limit` of them.

    `planned` hears how many trials there are, `done` of each, and `mutating` how many of how many mutants are judged.
    """

    effort: Effort = Effort()
    only: tuple[str, ...] = ()
    mutate: bool = False
    limit: int | None = None
    workers: int = 1
    planned: Callable[[int], None] = lambda _: None
    done: Callable[[Tried], None] = lambda _: None
    mutating: Callable[[int, int], None] = lambda _, __: None


def proven(assignment: Assignment, wanted: Wanted, submitted: Ruling | None) -> Proof:
    """Prove an assignment. `submitted` is what the rule of what is handed in came to.

    Raises:
        CheckDefect: if its checks cannot be collected.
    """
    started = time.monotonic()
    exceptions = exceptions_of(assignment)
    proof = at_bench(assignment, lambda bench: _on_bench(bench, wanted, submitted, exceptions))
    return replace(proof, seconds=time.monotonic() - started)


def _on_bench(bench: Bench, wanted: Wanted, submitted: Ruling | None, exceptions: ProofFile) -> Proof:
    rules = [rule for rule in RULES if not wanted.only or rule.id in wanted.only]
    (first,) = all_tried(bench, [solution.reference(bench, 0)], 1).of(*solution.RIGHT)
    bench.scripted |= first.scripted
    evidence, rulings = Evidence([first]), [_unsound(bench, rule, first, wanted.effort) for rule in rules]
    if not first.lost:
        evidence, rulings = _examined(bench, wanted, rules, first)
    score = None
    if (wanted.mutate or MUTANTS in wanted.only) and not first.lost:
        score, ruling = _mutated(bench, wanted, exceptions)
        rulings.append(ruling)
    ordered = sorted([*rulings, *([submitted] if submitted else [])], key=lambda ruling: KNOWN.index(ruling.rule))
    ordered = [excused(ruling, exceptions.accepted) for ruling in ordered]
    if exceptions.accepted:
        ordered.append(on_exceptions(ordered, exceptions.accepted, KNOWN))
    assignment = bench.assignment
    return Proof(
        assignment.id,
        assignment.title,
        tuple(ordered),
        tuple(_checks(bench, evidence)),
        tuple(_misconceptions(bench, evidence)),
        mutants=score,
        seeds=wanted.effort.seeds,
    )


def _mutated(bench: Bench, wanted: Wanted, exceptions: ProofFile) -> tuple[MutationScore, Ruling]:
    """Judge the mutants of the reference too."""
    before = cpu_seconds()
    score = mutated(bench, wanted.workers, exceptions.equivalent, wanted.mutating, wanted.limit)
    return score, replace(survivors.on_mutants(score), cpu_seconds=cpu_seconds() - before)


def _unsound(bench: Bench, rule: Rule, first: Tried, effort: Effort) -> Ruling:
    """Rule where the reference does not pass its own checks: nothing else can be shown with it."""
    if rule.id != solution.ID:
        return Ruling(rule.id, left_out=UNSOUND)
    return replace(solution.ruling(bench, Evidence([first]), effort), judgings=1, cpu_seconds=first.cpu_seconds)


def _examined(bench: Bench, wanted: Wanted, rules: Sequence[Rule], first: Tried) -> tuple[Evidence, list[Ruling]]:
    """Try all that the rules ask for, side by side, and have each rule."""
    asked: dict[Key, tuple[Rule, Trial]] = {}
    for rule in rules:
        for trial in rule.trials(bench, wanted.effort):
            asked.setdefault(trial.key, (rule, trial))
    trials = [trial for key, (_, trial) in asked.items() if key != first.trial]
    wanted.planned(len(trials))
    others = all_tried(bench, trials, wanted.workers, wanted.done)
    evidence = Evidence([first, *others.tried.values()])
    return evidence, [_ruled(bench, evidence, wanted.effort, rule, asked) for rule in rules]


def _ruled(
    bench: Bench, evidence: Evidence, effort: Effort, rule: Rule, asked: Mapping[Key, tuple[Rule, Trial]]
) -> Ruling:
    """Return what a rule came to, and what it cost: a trial is on the bill of the first rule that asked for it."""
    bill = [one for key, one in evidence.tried.items() if key in asked and asked[key][0] is rule]
    ruling = rule.ruling(bench, evidence, effort)
    return replace(ruling, judgings=len(bill), cpu_seconds=sum(one.cpu_seconds for one in bill))


def _checks(bench: Bench, evidence: Evidence) -> Iterable[CheckShown]:
    by, lying = caught.failed_by(evidence), caught.failed_by(evidence, liars.ID)
    right, wrong = margins.nearest_right(evidence), margins.nearest_wrong(evidence)
    points: dict[str, float] = {}
    for check in bench.checks.values():
        points[check.family] = points.get(check.family, 0.0) + check.points
    for check in {check.family: check for check in bench.checks.values()}.values():
        name = check.family
        others = () if by.get(name) else tuple(lying.get(name, ()))
        yield CheckShown(
            name, check.part.id, points[name], tuple(by.get(name, ())), others, right.get(name), wrong.get(name)
        )


def _misconceptions(bench: Bench, evidence: Evidence) -> Iterable[MisconceptionShown]:
    tried_ones = {one.trial.name: one for one in evidence.of(misconceptions.ID)}
    for wrong in bench.suite.misconceptions:
        if wrong.about.name in tried_ones:
            yield misconceptions.shown_of(wrong, tried_ones[wrong.about.name])
