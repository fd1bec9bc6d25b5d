"""Hidden checks under plain pytest, as a course author runs them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.proving.session import alone
from tests.referee.tiny import OPTIONS, RIGHT, copy_of_tiny

ADDS_TWO = RIGHT.replace("2 * x", "2 + x")


@pytest.fixture
def solution(tmp_path: Path) -> Path:
    return copy_of_tiny(tmp_path)


def run(capfd: pytest.CaptureFixture[str], solution: Path, *arguments: object) -> tuple[int, str, str]:
    """Run pytest in this process; return its exit code, its summary and all that it wrote."""
    with alone():
        code = pytest.main([*OPTIONS, "-p", "no:cacheprovider", "--rootdir", str(solution), *map(str, arguments)])
    written = "".join(capfd.readouterr())
    return int(code), re.sub(r" in [\d.]+s.*", "", written.strip().splitlines()[-1]).strip("= "), written


def test_pytest_alone_runs_them_on_the_solution_or_on_a_candidate(solution):
    (solution / "wrong.py").write_text(ADDS_TWO)

    def outcome(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", *arguments, str(solution)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=solution, check=False)
        return done.returncode, done.stdout

    code, written = outcome("--candidate", "wrong.py")
    assert code == 1
    assert "1 failed, 2 passed, 2 skipped" in written
    assert "Differs: the answer " in written
    assert "comes after values" in written


def test_the_reference_passes(solution, capfd):
    assert run(capfd, solution, solution)[:2] == (0, "5 passed")


def test_an_alternative_passes(solution, capfd):
    candidate = solution / "alternatives" / "operators.py"
    assert run(capfd, solution, solution, "--candidate", candidate)[:2] == (0, "5 passed")


def test_what_was_not_asked_for_is_not_waited_for(solution, capfd):
    assert run(capfd, solution, solution, "-k", "keeps_dtype")[:2] == (0, "2 passed, 3 deselected")
    assert run(capfd, solution, solution / "test_hidden_scale.py::test_refuses_a_negative_factor")[:2] == (
        0,
        "1 passed",
    )


def test_what_needs_a_gpu_is_left_out_or_run_on_the_cpu_if_that_is_asked_for(solution, capfd):
    toml = solution.parents[1] / "assignments" / solution.name / "assignment.toml"
    toml.write_text(toml.read_text() + '[[parts]]\nid = "fast"\ntitle = "Fast"\npoints = 5\ntier = "gpu"\n')
    source = "import pytest\nimport torch\nfrom grader.checks import check\n\n@pytest.mark.gpu\n"
    source += '@check("fast", points=5)\ndef test_fast(same):\n    """Fast."""\n    same("double", torch.ones(2))\n'
    (solution / "test_hidden_gpu.py").write_text(source)
    assert run(capfd, solution, solution)[:2] == (0, "5 passed, 1 skipped")
    assert run(capfd, solution, solution, "--pretend-gpu", "cpu")[:2] == (0, "6 passed")


def test_one_file_of_several_can_be_run(solution, capfd):
    path = solution / "test_hidden_scale.py"
    path.write_text(path.read_text().replace("after=test_scale_values", 'after="values"'))
    assert run(capfd, solution, path)[:2] == (0, "2 passed")


def test_checks_and_ordinary_tests_run_side_by_side(solution, capfd):
    (solution / "test_ordinary.py").write_text("def test_it(tmp_path): assert tmp_path.exists()\n")
    assert run(capfd, solution, solution)[:2] == (0, "6 passed")


@pytest.mark.parametrize(
    ("candidate", "said"),
    [("nowhere.py", "nowhere.py"), ("course.toml", "is not a module")],
)
def test_a_candidate_that_is_no_module_is_refused_in_a_sentence(solution, capfd, candidate, said):
    code, _, written = run(capfd, solution, solution, "--candidate", solution.parents[1] / candidate)
    assert code == pytest.ExitCode.USAGE_ERROR
    assert said in written
    assert "Traceback" not in written


def test_a_defect_is_told_without_a_traceback(solution, capfd):
    path = solution / "test_hidden_double.py"
    path.write_text(path.read_text().replace("after=test_values", 'after="valeus"'))
    code, _, written = run(capfd, solution, solution)
    assert code == pytest.ExitCode.USAGE_ERROR
    assert "it comes after 'valeus', which is no check" in written
    assert "Traceback" not in written


# ---- elsewhere -------------------------------------------------------------------------------------------------

ELSEWHERE = """
import sys

def test_there_is_no_torch():
    assert "torch" not in sys.modules

def test_device(device): ...
def test_rng(rng): ...
"""


def test_pytest_elsewhere_is_left_alone(tmp_path):
    (tmp_path / "test_elsewhere.py").write_text(ELSEWHERE)
    (tmp_path / "test_hidden_treasure.py").write_text("def test_no_probes_here(): ...\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert "2 passed, 2 errors" in done.stdout
    assert "fixture 'device' not found" in done.stdout
    assert "fixture 'rng' not found" in done.stdout
