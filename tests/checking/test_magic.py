import re

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from grader.checking.magic import check_namespace
from grader.errors import Usage
from grader.model import Outcome


@pytest.fixture
def shell(handout, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    settings = Config()
    settings.HistoryManager.enabled = False
    made = InteractiveShell(config=settings)
    made.run_line_magic("load_ext", "grader")
    yield made
    made.restore_sys_module_state()


def bundle(shell, line=""):
    shell.display_pub = CapturingDisplayPublisher()
    shell.run_line_magic("check", line)
    (output,) = shell.display_pub.outputs
    return output["data"]["text/html"], output["data"]["text/plain"]


def test_a_notebook_checks_what_it_has_defined_without_running_a_cell_again(shell, good):
    shell.run_cell("ran = 0")
    shell.run_cell("ran += 1\n" + good)
    html, text = bundle(shell)
    assert "4 of 4 passed" in html
    assert "4 of 4 passed" in text
    assert shell.user_ns["ran"] == 1


def test_a_cell_that_is_run_again_is_checked_as_it_is_now(shell, good):
    shell.run_cell(good.replace("x * 2", "x + 2"))
    assert "3 of 4 passed" in bundle(shell)[1]
    shell.run_cell(good)
    assert "4 of 4 passed" in bundle(shell, "1")[1]


def test_what_is_not_defined_yet_is_not_attempted(shell):
    html, text = bundle(shell)
    assert text.count("not attempted yet") >= 4
    assert "○" in html


def test_a_fault_is_told_with_the_cell_and_the_line(shell, good):
    shell.run_cell("import torch", store_history=True)
    shell.run_cell(good.replace("self.factor * x", "self.fctor * x"), store_history=True)
    html, text = bundle(shell)
    assert re.search(r"in +In\[2\], line 13: return self.fctor \* x", text)
    assert "&#39;Scaler&#39; object has no attribute &#39;fctor&#39;" in html


def test_one_check_can_be_asked_for(shell, good):
    shell.run_cell(good)
    assert "1 of 1 passed" in bundle(shell, "tiny --only scaler_multiplies")[1]


def test_what_a_person_caused_is_printed_without_a_traceback(shell, capsys):
    shell.run_line_magic("check", "tinny")
    printed = capsys.readouterr()
    assert "no assignment is called 'tinny'" in printed.err
    assert "Traceback" not in printed.out + printed.err


@pytest.mark.parametrize(
    ("line", "problem"), [("1 2", "takes one assignment"), ("--only", "takes the name of a check")]
)
def test_a_line_that_cannot_be_meant_is_an_error(handout, line, problem):
    with pytest.raises(Usage, match=problem):
        check_namespace(line, {}, lambda name, line: None)


def test_the_namespace_is_not_changed(handout):
    namespace = {"double": lambda x: x + x, "_": 3}
    run = check_namespace("", namespace, lambda name, line: None)
    assert set(namespace) == {"double", "_"}
    assert run.count(Outcome.PASSED) == run.count(Outcome.NOT_ATTEMPTED) == 2
