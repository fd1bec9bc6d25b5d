import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main

TINY = Path(__file__).parent.parent / "tiny"


@pytest.fixture
def tiny(tmp_path):
    root = tmp_path / "tiny"
    shutil.copytree(TINY, root)
    return root


@pytest.fixture
def build(tiny):
    def run(*words, code=0):
        result = CliRunner().invoke(main, ["--course", str(tiny), "build", *words], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


def test_what_is_up_to_date_is_left_alone(tiny, build):
    stub = tiny / "assignments/01_tiny/tiny.py"
    before = stub.stat().st_mtime_ns
    assert build().stdout == "3 files, all up to date\n"
    assert stub.stat().st_mtime_ns == before


def test_what_is_stale_is_written(tiny, build):
    stub = tiny / "assignments/01_tiny/tiny.py"
    text = stub.read_bytes()
    stub.write_text("old")
    assert build("1").stdout == "wrote assignments/01_tiny/tiny.py\n"
    assert stub.read_bytes() == text


def test_check_lists_what_is_stale_and_writes_nothing(tiny, build):
    stub = tiny / "assignments/01_tiny/tiny.py"
    stub.write_text("old")
    result = build("--check", code=1)
    assert result.stdout == "stale assignments/01_tiny/tiny.py\n"
    assert result.stderr == "1 of 3 files are stale: run grader build\n"
    assert stub.read_text() == "old"


def test_check_of_what_is_up_to_date_ends_well(build):
    assert "all up to date" in build("--check").stdout


def test_without_a_name_an_assignment_that_has_no_solution_here_is_passed_over(tiny, build):
    shutil.copytree(tiny / "assignments/01_tiny", tiny / "assignments/02_other")
    assert "3 files" in build().stdout


def test_where_no_solution_is_nothing_is_said_to_be_up_to_date(tiny, build):
    shutil.rmtree(tiny / "solutions")
    said = "nothing to build: no solution is here, and stubs and notebooks are made from solutions\n"
    assert build().stdout == said
    assert build("--check").stdout == said


def test_a_course_without_assignments_is_told_how_to_get_one(tiny, build):
    shutil.rmtree(tiny / "assignments" / "01_tiny")
    assert 'the course has no assignment yet, and grader new "Title" writes one' in build().stdout


def test_by_name_an_assignment_that_has_no_solution_is_an_error(tiny, build):
    shutil.copytree(tiny / "assignments/01_tiny", tiny / "assignments/02_other")
    assert "no solution to generate a stub from" in build("2", code=2).stderr


def test_a_mistake_in_the_source_is_named_with_its_line(tiny, build):
    source = tiny / "solutions/01_tiny/tiny.py"
    source.write_text(source.read_text().replace("    # END SOLUTION\n", "", 1))
    result = build(code=2)
    assert "a solution region begins inside another" in result.stderr
    assert "tiny.py, line 26" in result.stderr
