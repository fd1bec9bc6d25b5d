"""Runs the checks once on the reference, inside the server: what torch, pytest and the checks set up lazily is then
there in every fork. torch.optim alone imports 800 modules at its first use.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import ModuleType

import pytest

from grader.referee.grading import GRADINGS, Grading
from grader.referee.judge import judge
from grader.referee.suite import Check, Suite
from grader.referee.trusted import Trusted
from grader.wire.answer import answer
from grader.wire.protocol import Call, Missing, Reply

MOST_SECONDS = 5.0


class Within:
    """The reference, answering in this process. Only here: what it leaves behind, every fork starts with alike."""

    def __init__(self, module: ModuleType, suite: Suite) -> None:
        self.module = module
        self.suite = suite

    def ask(self, call: Call, seconds: float, memory: int | None = None) -> Reply:
        """Return the reply to one call. Ranks cannot be forked from here: a launch ends all children of its process."""
        if call.script is not None:
            return Missing(call.target)  # what torchrun executes inherits nothing, so there is nothing to warm up
        if call.ranks is not None:
            return Trusted([self.module], self.suite.probes, str(self.suite.folder)).ask(call, seconds, memory)
        return answer(call, self.module, self.suite.probes, root=str(self.suite.folder))

    def close(self) -> None:
        """There is nothing to end."""


def rehearse(suite: Suite, checks: dict[str, Check], items: Sequence[pytest.Item]) -> None:
    """Judge the reference, one check after another, for a few seconds at most. The results are thrown away."""
    reference = Within(suite.module_with(), suite)
    grading = Grading(suite, checks, reference, b"a rehearsal", known=reference)
    items[0].config.stash[GRADINGS] = {str(suite.folder): grading}
    until = time.monotonic() + MOST_SECONDS
    for item in items:
        if time.monotonic() < until:
            judge(grading, [item], only="", language="en")
    grading.close()
