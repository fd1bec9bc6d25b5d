import pytest

from grader.course import course_root, find_course
from grader.errors import CourseError, Usage
from grader.teaching.scaffold.naming import named
from grader.teaching.scaffold.writing import taken_names, write_assignment, write_course
from grader.teaching.source import generate, stale


def test_what_is_written_is_an_assignment_of_the_course(written):
    course = find_course(written.folder)
    assert course.names == ("01_core",)
    assert course.assignment("1") == written
    assert written.module == "core_lab"


def test_what_is_generated_is_there_and_up_to_date(written):
    generated = generate(written)
    assert len(generated) == 3
    assert stale(generated) == ()


@pytest.mark.parametrize("half", ["assignments", "solutions"])
def test_nothing_is_written_over(tmp_path, half):
    theirs = tmp_path / half / "01_core"
    theirs.mkdir(parents=True)
    (theirs / "README.md").write_text("mine")
    with pytest.raises(Usage, match="such a folder already"):
        write_assignment(tmp_path, named("Core", ()))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [theirs / "README.md"]
    assert (theirs / "README.md").read_text() == "mine"


def test_a_file_of_the_course_that_is_there_is_left_alone(tmp_path):
    (tmp_path / ".gitignore").write_text("mine")
    assert write_course(tmp_path) == (tmp_path / "course.toml",)
    assert (tmp_path / ".gitignore").read_text() == "mine"


def test_a_course_has_its_folders_name(tmp_path):
    root = tmp_path / 'deep "learning"'
    root.mkdir()
    write_course(root)
    write_assignment(root, named("Core", ()))
    assert find_course(root).title == 'deep "learning"'


def test_a_course_is_found_also_before_it_has_assignments(tmp_path):
    assert course_root(tmp_path) is None
    write_course(tmp_path)
    (tmp_path / "deep").mkdir()
    assert course_root(tmp_path / "deep") == tmp_path


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CourseError, match="no such folder"):
        course_root(tmp_path / "nowhere")


def test_a_name_is_taken_in_either_half(tmp_path):
    (tmp_path / "assignments" / "01_one").mkdir(parents=True)
    (tmp_path / "solutions" / "02_two").mkdir(parents=True)
    (tmp_path / "solutions" / "notes").mkdir()
    assert taken_names(tmp_path) == {"01_one", "02_two"}
