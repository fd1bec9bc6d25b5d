from __future__ import annotations

import pytest

from grader_machine.hardware import ASK, Hardware

SAYS = "import json; print('a warning'); print(json.dumps({{'version': '2.13.0', 'built': '{built}'}}))"


def found(ask: str) -> dict[str, tuple[str, str]]:
    hardware = Hardware(ask)
    try:
        return {finding.subject: (finding.state, finding.detail) for finding in hardware.findings()}
    finally:
        hardware.close()


@pytest.mark.parametrize(("built", "said"), [("12.4", "2.13.0, for CUDA 12.4"), ("", "2.13.0")])
def test_it_is_said_for_what_it_was_built(built, said):
    assert found(SAYS.format(built=built)) == {"torch": ("ok", said)}


@pytest.mark.parametrize(
    ("ask", "state", "detail"),
    [
        ("import no_torch_here", "missing", "ModuleNotFoundError: No module named 'no_torch_here'"),
        ("raise OSError('libgomp.so.1: cannot open')", "broken", "OSError: libgomp.so.1: cannot open"),
        ("raise SystemExit(3)", "broken", "does not start"),
    ],
)
def test_a_torch_that_cannot_be_imported_is_told_in_one_line(ask, state, detail):
    assert found(ask) == {"torch": (state, detail)}


def test_the_real_question_can_be_answered():
    state, detail = found(ASK)["torch"]
    assert state == "ok"
    assert detail[0].isdigit()


def test_an_answer_that_nobody_waits_for_is_given_up():
    hardware = Hardware("import time; time.sleep(600)")
    hardware.close()
    assert hardware.process.returncode == -9
