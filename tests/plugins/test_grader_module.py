"""What becomes of one `.py`."""

import os
import socket
import warnings
from pathlib import Path

import pytest

from tests.intake.handed_in import STUB, WORK, imported, load, notebook, refusal, write


@pytest.mark.parametrize("name", ["ada.py", "tiny.py", "my solution (1).py", "李雷.py", "ADA.PY", "-rf.py", "a'b\".py"])
def test_a_module_is_imported_under_the_assignments_name_whatever_it_was_called(tmp_path, name):
    loaded = load(write(tmp_path / name, WORK))
    assert loaded.entry == "tiny.py"
    assert loaded.files == {"tiny.py": WORK.encode()}
    assert loaded.notes == ()


def test_what_decides_the_result_is_the_content_and_not_the_name(tmp_path):
    ada, ben = load(write(tmp_path / "ada.py", WORK)), load(write(tmp_path / "ben.py", WORK))
    assert ada.digest == ben.digest != load(write(tmp_path / "stub.py", STUB)).digest


def test_the_main_block_does_not_run_and_nothing_runs_while_it_is_loaded(tmp_path):
    path = write(tmp_path / "ada.py", f"{WORK}open('ran', 'w')\nif __name__ == '__main__':\n    raise SystemExit(3)\n")
    loaded = load(path)
    assert not (tmp_path / "ran").exists()
    assert imported(loaded, tmp_path / "root", "student.double(2)")[0] == 4
    assert (tmp_path / "root" / "ran").exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + WORK.encode(), id="a byte order mark"),
        pytest.param(WORK.replace("\n", "\r\n").encode(), id="lines of Windows"),
        pytest.param(("# -*- coding: gbk -*-\n# 加倍\n" + WORK).encode("gbk"), id="an encoding that it names"),
        pytest.param(("# 加倍\n" + WORK).encode(), id="UTF-8"),
    ],
)
def test_what_python_reads_is_read(tmp_path, content):
    loaded = load(write(tmp_path / "ada.py", content))
    assert imported(loaded, tmp_path / "root", "student.double(2)")[0] == 4


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "ada.py is empty: hand in the file that you wrote"),
        (b" \n\r\n\t", "ada.py is empty: hand in the file that you wrote"),
        (b"\xef\xbb\xbf\n", "ada.py is empty: hand in the file that you wrote"),
        (b"x = 1\n# \xb4\xf3\n", "ada.py is not UTF-8 (line 2): save it as UTF-8"),
        ("# coding: ascii\nx = 'é'\n".encode(), "ada.py is not ASCII (line 2): save it as UTF-8"),
        (b"# coding: klingon\nx = 1\n", "ada.py names an encoding that is not known here: save it as UTF-8"),
        (b"# coding: hex\nx = 1\n", "ada.py names an encoding that is not known here: save it as UTF-8"),
        (WORK.encode("utf-16"), "ada.py is saved as UTF-16: save it as UTF-8"),
        (b"x = 1\0\n", "ada.py holds null bytes, so it is not Python: hand in the file that you wrote"),
        (b"x = 1\ndef f(:\n    pass\n", "ada.py has a syntax error at line 2 (invalid syntax): `def f(:`"),
        (b"if x:\ny = 1\n", "ada.py has a syntax error at line 2 "),
        (b"for i in x:\n\tif i:\n        y\n", "ada.py has a syntax error at line 3 "),
        (b"x = (\n", "ada.py has a syntax error at line 1 ('(' was never closed): `x = (`"),
        (b"x = " + b"-" * 100_000 + b"1", "ada.py has a syntax error (it is nested too deeply)"),
        (b"x = " + b"9" * 5000, "ada.py has a syntax error"),
        (b"<!DOCTYPE html>\n<html>", "ada.py has a syntax error at line 1 (invalid syntax): `<!DOCTYPE html>`"),
        (notebook(WORK), "ada.py holds a notebook: give it a name that ends in .ipynb"),
        (b"x = '" + b"a" * (1 << 20), "ada.py has 1 MB, and at most 512 kB are read: make it smaller"),
    ],
)
def test_what_is_no_module_gets_one_sentence(tmp_path, content, sentence):
    said = refusal(write(tmp_path / "ada.py", content))
    assert said.startswith(sentence)
    assert "\n" not in said


def test_a_long_line_is_cut_short_in_the_sentence(tmp_path):
    said = refusal(write(tmp_path / "ada.py", "x = " + "(" * 150 + "\n"))
    assert said.endswith("…`")
    assert len(said) < 200


def test_a_warning_about_a_string_is_nobodys_concern(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load(write(tmp_path / "ada.py", 'x = "\\d"\nassert (1, "always")\n')).entry == "tiny.py"


def test_a_file_of_a_gigabyte_is_not_read(tmp_path):
    path = tmp_path / "ada.py"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    assert refusal(path) == "ada.py has 1 GB, and at most 512 kB are read: make it smaller"


def test_a_link_is_not_followed(tmp_path):
    target = write(tmp_path / "elsewhere" / "ben.py", WORK)
    path = tmp_path / "ada.py"
    path.symlink_to(target)
    assert refusal(path) == "ada.py is a link, which is not followed: hand in the file itself"


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path):
    path = tmp_path / "ada.py"
    path.symlink_to(tmp_path / "nothing")
    assert refusal(path) == "ada.py is a link, which is not followed: hand in the file itself"


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "ada.py")
    assert refusal(tmp_path / "ada.py") == "ada.py is a pipe and not a file: hand in an ordinary file"


def test_a_socket_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("ada.py")
        assert refusal(Path("ada.py")) == "ada.py is a socket and not a file: hand in an ordinary file"


def test_a_device_is_not_opened(tmp_path, monkeypatch):
    null = Path("/dev/null").stat()
    monkeypatch.setattr("grader.intake.tree.os.open", lambda *_: pytest.fail("it was opened"))
    monkeypatch.setattr(Path, "lstat", lambda _: null)
    assert refusal(tmp_path / "ada.py") == "ada.py is a device and not a file: hand in an ordinary file"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(13, "no"), "ada.py may not be read by the grader: change its permissions"),
        (OSError(40, "loop"), "ada.py is a link, which is not followed: hand in the file itself"),
        (OSError(5, "Input/output error"), "ada.py cannot be read (Input/output error): hand it in again"),
    ],
)
def test_a_file_that_the_system_does_not_give_gets_a_sentence(tmp_path, monkeypatch, error, sentence):
    def refuse(*_: object) -> int:
        raise error

    path = write(tmp_path / "ada.py", WORK)
    monkeypatch.setattr("grader.intake.tree.os.open", refuse)
    assert refusal(path) == sentence


def test_a_file_that_is_swapped_or_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "ada.py", WORK)
    opened = os.open
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr("grader.intake.tree.os.open", lambda _, flags: opened(tmp_path / "pipe", flags))
    assert refusal(path) == "ada.py is a pipe and not a file: hand in an ordinary file"


def test_a_module_that_plots_keeps_its_functions_where_matplotlib_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.intake.standin.find_spec", lambda _: None)
    loaded = load(write(tmp_path / "ada.py", f"import matplotlib.pyplot as plt\n{WORK}plt.plot([1])\n"))
    assert loaded.notes == ("matplotlib is not installed here: a stand-in that shows nothing was imported",)
    assert imported(loaded, tmp_path / "root", "student.double(2)")[0] == 4


def test_what_is_installed_needs_no_stand_in(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.intake.standin.find_spec", lambda _: object())
    assert load(write(tmp_path / "ada.py", f"import matplotlib\n{WORK}")).files.keys() == {"tiny.py"}
