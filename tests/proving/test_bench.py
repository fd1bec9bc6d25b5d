"""The bench judges any trusted module, by all checks or by some."""

import time

import pytest

from grader.course import find_course
from grader.errors import CheckDefect
from grader.model import Outcome
from grader.proving.bench import at_bench, solution_files

from .spoilt import a_sound_course, add_to, change_checks

PASSED = dict.fromkeys(["values", "of_integers", "scale_values", "refuses"], "passed")
FILE_RUNS = '''
@pytest.mark.ddp(nprocs=1)
@pytest.mark.limits(seconds=90)
@check("double", points=20)
def test_script(candidate):
    """The file can be run."""
    require(candidate.torchrun(then=probes.ended) == 0, "it cannot")
'''


def outcomes(solution, module=None, **how):
    assignment = find_course(solution.parents[1]).assignment("1")

    def work(bench):
        judged = bench.judged(module or bench.suite.module_with(), b"seed", **how)
        return {name: result.outcome.value for name, result in judged.items()}

    return at_bench(assignment, work)


def test_the_reference_passes_all(tmp_path):
    assert outcomes(a_sound_course(tmp_path)) == PASSED


def test_one_part_is_judged_by_its_own_checks(tmp_path):
    assert outcomes(a_sound_course(tmp_path), parts=["scale"]).keys() == {"scale_values", "refuses"}


def test_a_check_of_a_part_still_waits_for_one_of_another(tmp_path):
    solution = a_sound_course(tmp_path)
    change_checks(solution, "after=test_scale_values", "after=test_values")
    assert outcomes(solution, parts=["scale"]) == {"scale_values": "passed", "refuses": "passed"}


def test_what_is_left_out_is_waited_for_by_none(tmp_path):
    assert outcomes(a_sound_course(tmp_path), without=["values"]).keys() == PASSED.keys() - {"values"}


def test_a_call_gets_no_more_seconds_than_it_is_given(tmp_path):
    solution = a_sound_course(tmp_path)

    def never(_):
        time.sleep(60)

    def work(bench):
        module = bench.suite.module_with()
        module.double = never
        return bench.judged(module, b"seed", only=["values"], seconds=0.2)["values"].outcome

    assert at_bench(find_course(tmp_path).assignment("1"), work) is Outcome.TIMEOUT
    assert solution.is_dir()


def test_it_notices_which_check_runs_the_file_under_torchrun(tmp_path):
    solution = a_sound_course(tmp_path)
    change_checks(solution, "points=40", "points=20")
    add_to(solution, "test_hidden_own.py", FILE_RUNS)
    add_to(solution, "probes.py", "\n\ndef ended(student, run):\n    return 0\n")

    def work(bench):
        bench.judged(bench.suite.module_with(), b"seed", parts=["double"])
        return bench.scripted

    assert at_bench(find_course(tmp_path).assignment("1"), work) == {"script"}


def test_files_that_must_pass_are_the_reference_and_the_alternatives(tmp_path):
    a_sound_course(tmp_path)
    assignment = find_course(tmp_path).assignment("1")
    assert [path.name for path in solution_files(assignment)] == ["tiny.py", "operators.py"]


def test_checks_that_cannot_work_are_refused(tmp_path):
    solution = a_sound_course(tmp_path)
    change_checks(solution, "after=test_values", 'after="nothing"')
    with pytest.raises(CheckDefect, match="comes after 'nothing'"):
        outcomes(solution)


def test_a_folder_without_checks_is_refused(tmp_path):
    solution = a_sound_course(tmp_path)
    (solution / "test_hidden_own.py").unlink()
    with pytest.raises(CheckDefect, match="there are no hidden checks"):
        outcomes(solution)
