import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main

TINY = Path(__file__).parent.parent / "tiny"
SOLUTION = TINY / "solutions" / "01_tiny"


@pytest.fixture
def handout(tmp_path, monkeypatch):
    folder = tmp_path / "01_tiny"
    shutil.copytree(TINY / "assignments" / "01_tiny", folder)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return folder


@pytest.fixture
def check(handout):
    def run(*words, code=0):
        result = CliRunner().invoke(main, ["check", *map(str, words)], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


def test_good_work_ends_with_0(check, handout):
    shutil.copy(SOLUTION / "tiny.py", handout / "ada.py")
    result = check("ada.py")
    assert result.stdout.startswith("Tiny: ada.py\n")
    assert "4 of 4 passed" in result.stdout


def test_the_stub_ends_with_1(check):
    result = check("tiny.py", code=1)
    assert "0 of 4 passed, 4 not attempted yet" in result.stdout


def test_points_are_not_shown(check):
    assert "point" not in check("tiny.py", code=1).stdout


def test_a_folder_and_a_file_may_be_named(check, handout, monkeypatch):
    monkeypatch.chdir(handout.parent)
    assert "4 of 4 passed" in check("01_tiny", SOLUTION / "tiny.py").stdout


def test_how_to_run_a_check_alone_repeats_what_was_typed(check, handout):
    (handout / "ada.py").write_text("def double(x):\n    return x\n")
    assert "grader check 1 ada.py --only double_of_a_number" in check("1", "ada.py", code=1).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.py"], "there is no such file"),
        (["broken.py"], "syntax error at line 2"),
        (["tinny"], "did you mean 01_tiny?"),
        (["tiny.py", "--only", "scaler"], "no public check is called 'scaler'"),
    ],
)
def test_what_cannot_be_run_ends_with_2_and_a_sentence(check, handout, words, said):
    (handout / "broken.py").write_text("x = 1\ny = (\n")
    assert said in check(*words, code=2).stderr


def test_a_notebook_is_checked_in_a_process_of_its_own_quietly(handout):
    shutil.copy(SOLUTION / "tiny.ipynb", handout / "ben.ipynb")
    program = "from grader.cli import main; main(['check', 'ben.ipynb'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 of 4 passed" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
def test_ctrl_c_ends_an_endless_loop_and_says_which_check_was_running(handout):
    (handout / "loop.py").write_text(
        "from pathlib import Path\ndef double(x):\n    Path('begun').touch()\n    while True:\n        pass\n"
    )
    restore = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{restore}\nfrom grader.cli import main\nmain(['check', 'loop.py'])"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        while not (handout / "begun").exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate()
    assert process.returncode == 2
    assert "stopped while this check was running: Twice a number, as in the handout, at loop.py, line" in output
