"""The raid sees what got through: points, canaries, spoiled neighbours, processes and files that are left."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from grader.course import read_assignment
from grader.model import CheckResult, Outcome, Report, Status
from grader.redteam.attack import chosen
from grader.redteam.canary import PLACES, VARIABLE, hatch, in_environment, sow
from grader.redteam.dress import MARK, dressed, on_solution, on_stub
from grader.redteam.raid import Raid, Struck
from grader.redteam.traces import Traces, watched

TINY = Path(__file__).parents[1] / "tiny"
ASSIGNMENT = read_assignment(TINY / "assignments/01_tiny", TINY / "solutions/01_tiny")
(ECHO,) = chosen(("liar_echo",))


def report(*, earned: float = 0.0, outcome: Outcome = Outcome.FAILED, output: str = "") -> Report:
    check = CheckResult("values", "double", "Twice the input.", 40.0, earned, outcome)
    return Report("ada", "ada.py", Status.GRADED, earned, 0.0, 100.0, checks=(check,), output=output)


def raid(struck: Struck, *, neighbour: Outcome = Outcome.PASSED, traces: Traces | None = None) -> Raid:
    return Raid(ASSIGNMENT, (struck,), (report(outcome=neighbour),), traces or Traces())


def test_it_holds_where_nothing_got_through():
    assert raid(Struck(ECHO, report(), 0.0, ())).held


@pytest.mark.parametrize(
    "struck",
    [
        pytest.param(Struck(ECHO, report(earned=1.0), 0.0, ()), id="it earned more than its honest work"),
        pytest.param(Struck(ECHO, report(), 0.0, ("gradebook",)), id="it read a canary"),
        pytest.param(
            Struck(ECHO, Report("ada", "ada.py", Status.UNFINISHED, 0, 0, 100), 0.0, ()), id="it broke our side"
        ),
    ],
)
def test_it_does_not_hold_where_something_did(struck: Struck):
    assert not raid(struck).held


def test_it_does_not_hold_where_a_neighbour_came_to_harm():
    found = raid(Struck(ECHO, report(), 0.0, ()), neighbour=Outcome.TIMEOUT)
    assert [neighbour.student for neighbour in found.spoiled] == ["ada"]
    assert not found.held


def test_a_process_and_a_file_that_are_left_are_seen(tmp_path: Path):
    with watched(tmp_path) as traces:
        left = subprocess.Popen(["sleep", "60"])
        (tmp_path / f"{MARK}-note").write_text("still here")
    left.kill()
    left.wait()
    assert [said.strip() for said in traces.processes.values()] == ["sleep 60"]
    assert traces.files == [tmp_path / f"{MARK}-note"]
    assert not raid(Struck(ECHO, report(), 0.0, ()), traces=traces).held


# ---- canaries --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
def test_a_canary_in_what_a_student_reads_is_seen(place: str):
    canaries = hatch()
    assert canaries.seen_in(report(output=f"look: {canaries[place]}")) == [place]
    assert hatch().seen_in(report(output=canaries[place])) == []


def test_every_solution_file_but_the_probes_holds_one(tmp_path: Path):
    folder = tmp_path / "solutions" / "01_tiny"
    folder.mkdir(parents=True)
    for name in ("tiny.py", "test_hidden.py", "probes.py"):
        (folder / name).touch()
    canaries = hatch()
    sow(canaries, tmp_path)
    assert {file.name for file in folder.iterdir() if canaries["solutions"] in file.read_text()} == {
        "tiny.py",
        "test_hidden.py",
    }


def test_the_environment_has_one_for_a_while():
    with in_environment("CANARY"):
        assert os.environ[VARIABLE] == "CANARY"
    assert VARIABLE not in os.environ


# ---- dressing --------------------------------------------------------------------------------------------------

ANSWERS_SEVEN = "def attack(honest, *args, **kwargs):\n    return 7\n"
ANSWERS_HONESTLY = "def attack(honest, *args, **kwargs):\n    return honest(*args, **kwargs)\n"


def module(attack: str, base) -> dict:
    scope: dict = {}
    exec(compile(dressed(attack, base, ["torch.lerp"]), "tiny.py", "exec"), scope)
    return scope


def test_an_attack_answers_for_every_function_and_method_of_the_stub():
    tiny = module(ANSWERS_SEVEN, on_stub(ASSIGNMENT))
    assert tiny["double"](1) == 7
    assert tiny["Scaler"](3.0)(5) == 7
    assert tiny["FORBIDDEN"] == ("torch.lerp",)


def test_an_attack_can_do_the_honest_work_of_what_it_took_over():
    stub, solution = module(ANSWERS_HONESTLY, on_stub(ASSIGNMENT)), on_solution(ASSIGNMENT)
    with pytest.raises(NotImplementedError):
        stub["double"](1)
    assert module(ANSWERS_HONESTLY, solution)["Scaler"](3.0)(5) == 15
    assert module(ANSWERS_SEVEN, solution)["Scaler"](3.0)(5) == 15  # another part: it was left alone
