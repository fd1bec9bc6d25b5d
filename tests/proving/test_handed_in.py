"""What is right in a trusted fork must be right as a file in the sandbox, and the stub must get nowhere."""

import shutil

import pytest

from grader.course import find_course
from grader.manager import build_manager
from grader.proving.handed_in import handed_in

from .spoilt import a_sound_course, change


@pytest.fixture
def ruling_on():
    """Rule on a solution folder's files."""

    def ruling(solution):
        course = find_course(solution.parents[1])
        return handed_in(build_manager(installed=False), course, course.assignment("1"), 1)

    return ruling


def test_right_files_have_full_marks_and_the_stub_none(tmp_path, ruling_on):
    ruling = ruling_on(a_sound_course(tmp_path))
    assert ruling.findings == ()
    assert ruling.proven == "2 right files with full marks and the stub with 0, graded in the sandbox"


def test_what_works_only_outside_of_the_sandbox_is_found(tmp_path, ruling_on):
    solution = a_sound_course(tmp_path)
    change(
        solution / "alternatives/operators.py",
        "return x * 2",
        f"return x * len(__import__('os').listdir({str(solution.parents[1])!r})) / 3",
    )
    (finding,) = ruling_on(solution).findings
    assert finding.about == "alternative-operators"
    assert "loses values, of_integers in the sandbox" in finding.problem


def test_a_stub_that_answers_is_found(tmp_path, ruling_on):
    solution = a_sound_course(tmp_path)
    shutil.copy(solution / "tiny.py", tmp_path / "assignments/01_tiny/tiny.py")
    (finding,) = ruling_on(solution).findings
    assert finding.problem.startswith("the stub gets further than it should at values")


def test_a_file_that_cannot_be_imported_is_found(tmp_path, ruling_on):
    solution = a_sound_course(tmp_path)
    (solution / "alternatives/other.py").write_text("import nowhere_to_be_found\n")
    (finding,) = ruling_on(solution).findings
    assert finding.problem.startswith("alternative-other is ungradable: ")
