"""Every hostile submission gets what it deserves, the batch goes on, and nothing is left behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import grader_bwrap
import grader_local
from grader.model import Status
from grader.work import Verdict

from .conftest import jobs, nothing_left_behind

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.py"))
EXPECT = re.compile(r"^# expect: (.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def verdicts(tight: Path, request: pytest.FixtureRequest) -> dict[str, Verdict]:
    """What was selected of the corpus, graded in one batch that leaves no process behind."""
    cases = [item.callspec for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    files = sorted({case.params["path"] for case in cases})
    walls = grader_bwrap.grader_sandbox("bwrap")
    assert walls is not None
    with nothing_left_behind():
        return {v.key: v for v in grader_local.grader_execute(iter(jobs(tight, files, "bwrap")), walls, 2)}


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_gets_what_it_deserves(verdicts: dict[str, Verdict], path: Path):
    verdict = verdicts[path.stem]
    outcomes = {check.name: check.outcome for check in verdict.checks}
    found = EXPECT.search(path.read_text())
    assert found is not None
    for demand in found[1].split("; "):
        name, _, wanted = demand.partition(" ")
        if name == "ungradable":
            assert verdict.status is Status.UNGRADABLE
            assert any(words in verdict.reason for words in wanted.split("|")), verdict.reason
        elif name == "clean":
            assert "LEAK" not in verdict.output
        else:
            assert verdict.status is Status.GRADED, verdict.reason
            assert outcomes[name] in wanted.split("|"), [(c.name, c.outcome, c.message) for c in verdict.checks]


@pytest.mark.parametrize("path", [path for path in CORPUS if path.stem == "raises_with_input"], ids=["raises"])
def test_a_students_text_never_carries_an_input(verdicts: dict[str, Verdict], path: Path):
    check = verdicts[path.stem].checks[0]
    assert check.message == "ValueError at tiny.py, line 5"


def test_output_is_cut_short(verdicts: dict[str, Verdict]):
    assert all(len(verdict.output) <= 4000 for verdict in verdicts.values())
