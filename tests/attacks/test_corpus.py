"""Every hostile submission gets what it deserves, the batch goes on, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import read_assignment
from grader.manager import build_manager
from grader.model import Status
from grader.pipeline import Options
from grader.redteam.attack import KINDS, Attack, corpus
from grader.redteam.dress import on_solution
from grader.redteam.raid import Raid, raid

LEAST = 60  # attacks


@pytest.fixture(scope="module")
def found(tight: Path, request: pytest.FixtureRequest) -> Raid:
    """What came of those attacks that were selected, graded in one batch with honest work between."""
    cases = [item.callspec for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    attacks = {case.params["attack"].name: case.params["attack"] for case in cases if "attack" in case.params}
    assignment = read_assignment(tight.parents[1] / "assignments" / tight.name, tight)
    manager = build_manager(installed=False)
    manager.unregister(name="grader_console")
    return raid(manager, assignment, [*attacks.values()], on_solution(assignment), Options(workers=2), every=1)


@pytest.mark.parametrize("attack", corpus(), ids=lambda attack: attack.name)
def test_gets_what_it_deserves(found: Raid, attack: Attack):
    (struck,) = [struck for struck in found.struck if struck.attack.name == attack.name]
    report = struck.report
    if attack.ends == ("ungradable",):
        assert report.status is Status.UNGRADABLE, report.checks
        assert any(words in report.reason for words in attack.reason), report.reason
    else:
        assert report.status is Status.GRADED, report.reason
        told = [(check.name, check.outcome, check.message) for check in report.checks]
        part = report.checks[0].part
        assert report.checks[0].outcome in attack.ends, told
        others = {check.outcome for check in report.checks if check.part != part}
        assert others <= {*attack.others, *(["blocked"] if attack.others != ("passed",) else [])}, told
    assert report.earned <= struck.honest
    assert struck.leaked == ()
    assert "LEAK" not in report.output
    assert len(report.output) <= 4000


@pytest.mark.parametrize("attack", [a for a in corpus() if a.name == "raises_with_input"], ids=["raises_with_input"])
def test_a_students_text_never_carries_an_input(found: Raid, attack: Attack):
    (struck,) = [struck for struck in found.struck if struck.attack.name == attack.name]
    assert struck.report.checks[0].message.startswith("ValueError at tiny.py, line ")


def test_honest_work_beside_it_is_graded_as_ever(found: Raid):
    assert [(n.student, n.reason, [(c.name, c.outcome) for c in n.checks]) for n in found.spoiled] == []
    assert len(found.neighbours) > len(found.struck)


def test_nothing_is_left_behind(found: Raid):
    assert found.traces.processes == {}
    assert found.traces.files == []


def test_the_corpus_is_what_it_says():
    assert len(corpus()) >= LEAST
    assert {attack.kind for attack in corpus()} == set(KINDS)
    assert [attack.name for attack in corpus() if not attack.tries] == []
    assert len({attack.name for attack in corpus()}) == len(corpus())
