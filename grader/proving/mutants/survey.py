"""The checks on the reference itself, once: which functions each runs, how long it takes, what the reference says.

A mutant is then asked only by the checks that run what was changed in it, the cheap ones first.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from msgspec.structs import replace

from grader.errors import CheckDefect
from grader.model import CheckResult, Outcome
from grader.proving.bench import Bench
from grader.proving.mutants.memory import Memory
from grader.proving.mutants.trace import Trace
from grader.referee.grading import GRADINGS, Grading
from grader.referee.judge import judge
from grader.referee.trusted import Trusted

SEED = b"the inputs of mutants"
LEAST_SECONDS, SLOWER = 2.0, 10.0  # a call of a mutant may take so long, or so many times the reference's time


class Survey:
    """What was learnt of the checks, and the checks as mutants are asked: in any order, and with little patience.

    Raises:
        CheckDefect: if the reference loses one.
    """

    def __init__(self, bench: Bench, source: Path) -> None:
        self.bench = bench
        self.source = source
        self.checks = dict(bench.checks)
        self.memory = Memory(self._trusted(bench.suite.reference, lasting=True))
        self.runs: dict[str, frozenset[str]] = {}  # functions, by the check's node
        self.seconds: dict[str, float] = {}
        trace = Trace(source)
        self.at_import = trace.taken()
        self.functions = frozenset(trace.functions)
        grading = self.grading(trace.module)
        try:
            for item in bench.items:
                self._learn(item, result_of(grading, item), trace.taken())
        finally:
            grading.close()

    def grading(self, module: ModuleType) -> Grading:
        """Return a grading in which no check waits for another: one that is lost alone is as good as any."""
        grading = Grading(
            self.bench.suite, self.checks, self._trusted(module), SEED, known=self.memory, devices=self.bench.devices
        )
        grading.bank.silent = True
        grading.awaited = set()
        self.bench.stash[GRADINGS] = {str(self.bench.suite.folder): grading}
        return grading

    def asking(self, function: str) -> list[pytest.Item]:
        """Return the checks that run a function, the cheap ones first. Those under torchrun might, and come last."""
        everywhere = function not in self.functions or function in self.at_import
        items = [item for item in self.bench.items if everywhere or function in self.runs[item.nodeid]]
        return sorted(items, key=lambda item: (self.is_scripted(item), self.seconds[item.nodeid]))

    def is_scripted(self, item: pytest.Item) -> bool:
        """Whether a check runs a file under torchrun, in processes that notice nothing for us."""
        return self.bench.checks[item.nodeid].name in self.bench.scripted

    def _learn(self, item: pytest.Item, result: CheckResult, ran: frozenset[str]) -> None:
        if result.outcome not in (Outcome.PASSED, Outcome.PENDING):
            said = result.detail or result.message
            raise CheckDefect(f"the reference loses {result.name}, so mutants show nothing: {said}")
        node, check = item.nodeid, self.bench.checks[item.nodeid]
        self.seconds[node] = result.seconds
        self.runs[node] = ran
        if self.is_scripted(item):
            self.runs[node] = self.functions
        else:
            patience = max(LEAST_SECONDS, SLOWER * result.seconds)
            self.checks[node] = replace(check, seconds=min(check.seconds, patience))

    def _trusted(self, module: ModuleType, *, lasting: bool = False) -> Trusted:
        suite = self.bench.suite
        return Trusted([module], suite.probes, str(suite.folder), lasting=lasting)


def result_of(grading: Grading, item: pytest.Item) -> CheckResult:
    """Run one check alone."""
    (result,) = judge(grading, [item], only="", language="en")
    return result
