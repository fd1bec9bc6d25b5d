import msgspec
import pytest

from grader.errors import MergeRefused
from grader.merging import read_report
from grader.model import Gradesheet
from grader.teaching.release import release

from .sheets import report, sheet


@pytest.fixture
def write(tmp_path):
    def write(what):
        file = tmp_path / "gpu.json"
        file.write_bytes(what if isinstance(what, bytes) else msgspec.json.encode(what))
        return file

    return write


def test_a_report_is_known_by_its_path_as_two_may_have_one_name(write):
    file = write(release(sheet(report()), "hints"))
    source = read_report(file)
    assert (source.name, source.sheet) == (str(file), sheet(report()))
    assert type(source.sheet) is Gradesheet


def test_a_report_of_an_older_grader_is_of_the_version_and_machine_of_its_file(write):
    older = report(assignment_digest="", machine="")
    nothing = report("ben", [], assignment_digest="", machine="")
    source = read_report(write(sheet(older, nothing, machine="cuda NVIDIA H100")))
    ada, ben = source.sheet.submissions
    assert (ada.assignment_digest, ada.machine) == ("a" * 64, "cuda NVIDIA H100")
    assert (ben.assignment_digest, ben.machine) == ("a" * 64, "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "this is not a report of kind json: input data was truncated", id="empty"),
        pytest.param(b"<html>", "this is not a report of kind json: JSON is malformed", id="another kind"),
        pytest.param(b"{}", "its format is 'not said', not 'grader-report/1'", id="something else"),
        pytest.param(b'{"format": "grader-report/2"}', "its format is 'grader-report/2', not", id="a newer one"),
        pytest.param(b'{"format": "grader-report/1"}', "missing required field 'assignment'", id="not whole"),
        pytest.param(b"[1]", "this is not a report of kind json: expected 'object', got 'array'", id="a list"),
        pytest.param(b'"\xff"', "this is not a report of kind json", id="not UTF-8"),
    ],
)
def test_what_is_no_report_is_refused(write, content, said):
    with pytest.raises(MergeRefused) as caught:
        read_report(write(content))
    assert said.lower() in caught.value.problem.lower()
    assert caught.value.place.endswith("gpu.json")
    assert "--report json=FILE" in caught.value.step


def test_what_is_not_there_or_a_folder_is_refused(tmp_path):
    with pytest.raises(MergeRefused, match="no such file"):
        read_report(tmp_path / "cpu.json")
    with pytest.raises(MergeRefused, match="is a directory"):
        read_report(tmp_path)


def test_what_was_pretended_is_no_grade(write):
    with pytest.raises(MergeRefused, match="ran on the cpu, so it is no grade"):
        read_report(write(sheet(report(), pretended="cpu")))
