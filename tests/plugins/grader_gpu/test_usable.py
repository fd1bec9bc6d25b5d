from __future__ import annotations

import pytest

from grader.work import Device
from grader_gpu import usable
from grader_gpu.usable import ASK, Answer, ask_torch, that_work

DEVICES = [Device("NVIDIA L4", f"GPU-{letter}", 1 << 30) for letter in "ab"]
SAYS = "import json; print('a warning'); print(json.dumps({{'built': '12.8', 'worked': {}, 'problem': '{}'}}))"


def test_torch_is_asked_in_a_process_that_sees_these_alone():
    seen = "import os, json; print(json.dumps({'built': os.environ['CUDA_VISIBLE_DEVICES'], 'worked': []}))"
    assert ask_torch(DEVICES, seen).built == "GPU-a,GPU-b"


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (SAYS.format([0, 1], ""), Answer("12.8", (0, 1))),
        (SAYS.format([1], "AcceleratorError: CUDA error"), Answer("12.8", (1,), "AcceleratorError: CUDA error")),
        ("import no_torch_here", Answer("", (), "ModuleNotFoundError: No module named 'no_torch_here'")),
        ("raise SystemExit(3)", Answer("", (), "exit status 3")),
    ],
)
def test_what_torch_says_is_taken_in(ask, said):
    assert ask_torch(DEVICES, ask) == said


def test_a_torch_that_is_slow_is_given_up(monkeypatch):
    monkeypatch.setattr(usable, "SECONDS", 0.2)
    assert ask_torch(DEVICES, "import time; time.sleep(60)").problem == "torch did not answer in 0.2 s"


def test_only_those_that_work_are_used_and_the_others_are_told_of(monkeypatch, caplog):
    monkeypatch.setattr(usable, "ask_torch", lambda devices: Answer("12.8", (1,), "AcceleratorError: CUDA error"))
    assert that_work(DEVICES) == DEVICES[1:]
    assert "1 of 2 GPUs are not used: AcceleratorError: CUDA error" in caplog.text
    assert that_work([]) == []


def test_the_real_question_is_answered_by_a_torch_that_sees_none():
    assert (ask_torch(DEVICES, ASK).worked, ask_torch(DEVICES, ASK).problem) == ((), "")
