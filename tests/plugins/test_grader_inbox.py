"""Which submissions a path holds, and what is said of those that nobody can load."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.errors import Usage
from grader.manager import build_manager
from tests.intake.handed_in import PLUGINS, WORK, assignment, refusal, write, zipped


def found(path):
    """Return whose submissions a path holds, and where each is."""
    manager = build_manager(defaults=PLUGINS, installed=False)
    submissions = manager.hook.grader_discover(assignment=assignment(), path=path)
    return {submission.student: submission.path for submission in submissions}


def inbox(tmp_path, *names):
    for name in names:
        write(tmp_path / name, WORK)
    return tmp_path


# ---- one submission --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ada.py", "ada.ipynb", "ada.zip", "ada.tar.gz", "ada.docx", "ada"])
def test_a_file_is_its_students_submission(tmp_path, name):
    path = write(tmp_path / name, WORK)
    assert found(path) == {"ada": path}


@pytest.mark.parametrize("name", ["tiny.py", "tiny.ipynb"])
def test_a_folder_that_holds_the_module_is_one_submission(tmp_path, name):
    path = inbox(tmp_path, f"ada/{name}", "ada/more.py") / "ada"
    assert found(path) == {"ada": path}


def test_a_submission_may_be_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(inbox(tmp_path, "ada/tiny.py") / "ada")
    assert found(Path()) == {"ada": Path()}


@pytest.mark.parametrize("name", ["01_tiny_things", "tiny_things", "assignment1"])
def test_a_single_folder_of_nbgraders_is_the_students_above_it(tmp_path, name):
    path = inbox(tmp_path, f"submitted/ada/{name}/tiny.ipynb") / "submitted" / "ada" / name
    assert found(path) == {"ada": path}


def test_a_students_folder_of_nbgraders_is_hers(tmp_path):
    path = inbox(tmp_path, "submitted/ada/01_tiny_things/tiny.ipynb") / "submitted" / "ada"
    assert found(path) == {"ada": path / "01_tiny_things"}


def test_a_path_that_an_instructor_gave_may_be_a_link(tmp_path):
    write(tmp_path / "real" / "ada.py", WORK)
    (tmp_path / "inbox").symlink_to("real")
    assert found(tmp_path / "inbox") == {"ada": tmp_path / "real" / "ada.py"}


# ---- an inbox --------------------------------------------------------------------------------------------------


def test_an_inbox_holds_a_file_or_a_folder_for_each_student(tmp_path):
    names = ["ada.py", "ben.ipynb", "chloe.zip", "dmitri/tiny.py", "emeka.tgz", "李雷.py", "my solution (1).py"]
    submissions = found(inbox(tmp_path, *names))
    assert list(submissions) == ["ada", "ben", "chloe", "dmitri", "emeka", "my solution (1)", "李雷"]
    assert submissions["dmitri"] == tmp_path / "dmitri"


def test_what_tools_and_teachers_leave_is_nobodys(tmp_path):
    left = ["README.md", "roster.csv", "submitted.json", ".git/x", "__pycache__/x", ".ipynb_checkpoints/x", ".DS_Store"]
    assert found(inbox(tmp_path, "ada.py", *left)).keys() == {"ada"}


def test_a_file_of_no_kind_that_is_graded_is_still_somebodys(tmp_path):
    assert found(inbox(tmp_path, "ada.docx", "ben.txt")).keys() == {"ada", "ben"}


def test_links_pipes_and_empty_folders_are_submissions_that_loading_will_judge(tmp_path):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ben").symlink_to("/etc")
    (tmp_path / "chloe.py").symlink_to("/nowhere")
    os.mkfifo(tmp_path / "dmitri.py")
    assert found(tmp_path).keys() == {"ada", "ben", "chloe", "dmitri"}
    assert refusal(tmp_path / "ada").startswith("nothing was handed in")


@pytest.mark.parametrize("name", ["01_tiny_things", "tiny_things", "assignment1"])
def test_the_folder_of_the_assignment_is_the_inbox(tmp_path, name):
    inbox(tmp_path, f"{name}/ada.py", "02_other/ben.py")
    assert found(tmp_path) == {"ada": tmp_path / name / "ada.py"}


def test_two_entries_of_one_student_are_both_given_for_the_pipeline_to_refuse(tmp_path):
    manager = build_manager(defaults=PLUGINS, installed=False)
    submissions = manager.hook.grader_discover(assignment=assignment(), path=inbox(tmp_path, "ada.py", "ada.zip"))
    assert [(one.student, one.path.name) for one in submissions] == [("ada", "ada.py"), ("ada", "ada.zip")]


def test_an_empty_inbox_holds_none(tmp_path):
    assert found(tmp_path) == {}


def test_nbgraders_layout_is_known_by_the_assignments_folder(tmp_path):
    inbox(tmp_path, "ada/tiny_things/tiny.ipynb", "ada/other/x.ipynb", "ben/other/x.ipynb", "chloe/tiny.py")
    (tmp_path / "dmitri").mkdir()
    assert found(tmp_path) == {
        "ada": tmp_path / "ada" / "tiny_things",
        "ben": tmp_path / "ben" / "tiny_things",
        "chloe": tmp_path / "chloe",
        "dmitri": tmp_path / "dmitri" / "tiny_things",
    }
    assert refusal(found(tmp_path)["ben"]) == "nothing was handed in: there is no tiny_things"


def test_a_folder_that_holds_the_module_is_not_looked_into(tmp_path):
    assert found(inbox(tmp_path, "ada/tiny.py", "ada/tiny_things/x.py")) == {"ada": tmp_path / "ada"}


@pytest.mark.parametrize("below", ["", "ada", "ada/tiny_things"])
def test_the_time_of_handing_in_is_the_one_that_nbgrader_recorded(tmp_path, below):
    inbox(tmp_path, "ada/tiny_things/tiny.py")
    write(tmp_path / "ada" / "tiny_things" / "timestamp.txt", "2026-03-01 10:00:00 UTC")
    manager = build_manager(defaults=PLUGINS, installed=False)
    (ada,) = manager.hook.grader_discover(assignment=assignment(), path=tmp_path / below)
    assert (ada.student, ada.submitted) == ("ada", datetime(2026, 3, 1, 10, tzinfo=UTC))


def test_a_timestamp_that_nbgrader_did_not_collect_is_a_students_word(tmp_path):
    write(inbox(tmp_path, "ada/tiny.py") / "ada" / "timestamp.txt", "2020-01-01 00:00:00 UTC")
    manager = build_manager(defaults=PLUGINS, installed=False)
    for path in (tmp_path, tmp_path / "ada"):
        (ada,) = manager.hook.grader_discover(assignment=assignment(), path=path)
        assert ada.submitted is None


def test_an_inbox_that_may_not_be_read_ends_the_run(tmp_path, monkeypatch):
    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(Usage, match="this cannot be read: Permission denied"):
        found(tmp_path)


# ---- what nobody can load --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ada.docx", "ada.py.txt", "ada.rar", "ada.7z", "ada.tar", "ada", "ada.pdf"])
def test_a_wrong_file_name_gets_a_sentence(tmp_path, name):
    said = refusal(write(tmp_path / name, WORK))
    assert said == f"{name} is no module, notebook, folder or archive: hand in tiny.py or tiny.ipynb"


@pytest.mark.parametrize("name", ["ada", "ada.py", "ada.ipynb", "ada.zip", "ada.txt"])
def test_what_is_not_there_was_not_handed_in(tmp_path, name):
    assert refusal(tmp_path / name) == f"nothing was handed in: there is no {name}"


def test_a_link_and_a_pipe_of_any_name_get_a_sentence(tmp_path):
    (tmp_path / "ada").symlink_to("/nowhere")
    os.mkfifo(tmp_path / "ben")
    assert refusal(tmp_path / "ada") == "ada is a link, which is not followed: hand in the file itself"
    assert refusal(tmp_path / "ben") == "ben is a pipe and not a file: hand in an ordinary file"


def test_a_plugin_of_a_course_may_load_what_the_defaults_refuse(tmp_path):
    path = write(tmp_path / "ada.rmd", WORK)
    plugin = write(
        tmp_path / "course_rmd.py",
        "from grader.hookspecs import hookimpl\nfrom grader.model import Loaded\n\n\n"
        "@hookimpl\ndef grader_load(assignment, path):\n    return Loaded({'tiny.py': b'x = 1'}, 'tiny.py')\n",
    )
    manager = build_manager(defaults=PLUGINS, installed=False, extra=[plugin])
    assert manager.hook.grader_load(assignment=assignment(), path=path).entry == "tiny.py"


def test_a_folder_may_have_the_name_of_a_file(tmp_path):
    for name in ("ada.py", "ben.zip", "chloe.ipynb"):
        write(tmp_path / name / "readme", "x")
        assert refusal(tmp_path / name).startswith(f"{name} holds no tiny.py or tiny.ipynb, only readme")


def test_an_archive_is_found_and_loaded_by_its_students_name(tmp_path):
    path = zipped(tmp_path / "ada.zip", {"tiny.py": WORK})
    assert found(path) == {"ada": path}
