"""The body of every check that needs a GPU is known to work: each runs here on the CPU, by the whole way.

Sandbox, lease and executed process are as on a GPU. The solution has full marks, and the stub none.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.course import find_course
from grader.ledger import Options
from grader.manager import build_manager
from grader.model import Assignment, Outcome, Report
from grader.pipeline import grade
from tests.referee.tiny import copy_of_tiny

ROOT = Path(__file__).parent.parent
PART = '\n[[parts]]\nid = "fast"\ntitle = "Fast"\npoints = 5\ntier = "gpu"\nnames = ["double"]\n'
CHECKS = '''
import probes, pytest, torch
from grader.checks import check, require

@pytest.mark.gpu(memory="8GB", shared=True)
@check("fast", points=2)
def test_calibrated_in_half_precision(calibrated, rng):
    """Right in half precision."""
    calibrated(probes.doubled, torch.randn(50, generator=rng).half())

@pytest.mark.gpu(count=2, precision="tf32")
@check("fast", points=3)
def test_where(candidate, device):
    """It stays where it is."""
    require(candidate.run(probes.stays, torch.ones(2), device=device), "it has moved")
'''
PROBE = '''

def stays(student, x, device):
    """Whether the answer is where the input is, and that where the check says."""
    return student.double(x).device == x.device == device
'''


def with_gpu_checks() -> list[str]:
    course = find_course(ROOT)
    return [name for name in course.names if course.assignment(name).wants_gpu]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A tiny course with checks that need a GPU."""
    solution = copy_of_tiny(tmp_path)
    (solution / "test_hidden_gpu.py").write_text(CHECKS)
    toml = tmp_path / "assignments" / solution.name / "assignment.toml"
    toml.write_text(toml.read_text() + PART)
    probes = solution / "probes.py"
    probes.write_text(probes.read_text() + PROBE)
    return tmp_path


def reports(root: Path, name: str, inbox: Path) -> dict[str, Report]:
    """Grade the solution and the stub of an assignment with a pretended GPU."""
    course = find_course(root)
    assignment: Assignment = course.assignment(name)
    assert assignment.solution is not None
    inbox.mkdir()
    for student, folder in (("solution", assignment.solution), ("stub", assignment.folder)):
        shutil.copy(folder / f"{assignment.module}.py", inbox / f"{student}.py")
    options = Options(workers=2, pretend_gpu="cpu", only="gpu")
    sheet = grade(build_manager(installed=False), course, assignment, [inbox], gradebook=None, options=options)
    return {report.student: report for report in sheet.submissions}


def outcomes(report: Report) -> dict[str, str]:
    return {check.name: f"{check.outcome.value}: {check.message}{check.detail}" for check in report.checks}


def test_in_a_tiny_course(tiny):
    found = reports(tiny, "1", tiny / "inbox")
    assert outcomes(found["solution"]) == {"calibrated_in_half_precision": "passed: ", "where": "passed: "}
    assert (found["solution"].earned, found["solution"].possible) == (5, 5)
    assert {check.outcome for check in found["stub"].checks} == {Outcome.NOT_ATTEMPTED}


@pytest.mark.parametrize("name", with_gpu_checks())
def test_of_the_course(name, tmp_path):
    found = reports(ROOT, name, tmp_path / "inbox")
    assert {said for said in outcomes(found["solution"]).values() if said != "passed: "} == set()
    assert found["solution"].earned == found["solution"].possible > 0
    assert found["stub"].earned == 0
    assert {check.outcome for check in found["stub"].checks} <= {Outcome.NOT_ATTEMPTED, Outcome.BLOCKED}


def test_there_are_some():
    assert set(with_gpu_checks()) >= {"01_ddp", "06_linear_attention"}
