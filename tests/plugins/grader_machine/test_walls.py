"""The whole way, gone for real; and what is said where a wall has a hole."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import grader_bwrap
import grader_local
import grader_machine
from grader.errors import SandboxUnavailable
from grader.manager import build_manager
from grader.work import Finding
from grader_machine import walls
from tests.referee.warm import answer

pytest_plugins = ["tests.referee.warm"]

SUBJECTS = ["sandbox", "warm process", "student code", "walls", "time limit", "memory limit", "the end"]
INSIDE = Path(grader_machine.__file__).parent / "inside.py"


@pytest.fixture
def examined(zygote: socket.socket, monkeypatch: pytest.MonkeyPatch):
    """Examine with the warm process that these tests share; return the findings by subject."""
    monkeypatch.setattr(grader_local, "start_zygote", lambda stack: zygote)
    monkeypatch.setattr(grader_local, "wait_until_warm", lambda orders: None)

    def examine() -> dict[str, Finding]:
        return {finding.subject: finding for finding in walls.examine_walls()}

    return examine


def test_on_this_machine_all_is_well(examined):
    findings = examined()
    assert list(findings) == SUBJECTS
    assert {name: finding for name, finding in findings.items() if finding.state != "ok"} == {}


@pytest.mark.parametrize(
    ("program", "subject", "detail"),
    [
        pytest.param("def could(trees): return ['write to /usr', 'see other processes']", "walls",
                     "from inside, student code can write to /usr; see other processes", id="walls"),
        pytest.param("def loops(): return []", "time limit", "it was not enforced", id="time"),
        pytest.param("def allocates(size): return []", "memory limit", "it was not enforced", id="memory"),
        pytest.param("def loops(): raise SystemExit", "sandbox", "the examination's own program did not", id="ours"),
        pytest.param("def loops(): os._exit(3)", "time limit",
                     "it ended otherwise: loops() ended the process (exit status 3)", id="another end"),
        pytest.param("1 / 0", "student code", "ZeroDivisionError at inside.py, line 58", id="import"),
    ],
)  # fmt: skip
def test_a_wall_with_a_hole_is_broken_and_says_what_to_do(examined, monkeypatch, program, subject, detail):
    monkeypatch.setattr(walls, "PROGRAM", INSIDE.read_bytes() + program.encode())
    finding = examined()[subject]
    assert finding.state == "broken"
    assert finding.detail.startswith(detail.rpartition(" ")[0])
    assert finding.step


def test_what_bubblewrap_says_comes_with_advice(examined, monkeypatch):
    def refuse(limits):
        raise SandboxUnavailable("bubblewrap cannot confine on this machine: bwrap: Failed to make / slave: no")

    monkeypatch.setattr(grader_bwrap, "hold", refuse)
    assert list(examined().values()) == [
        Finding(
            "sandbox",
            "broken",
            "bubblewrap cannot confine on this machine: bwrap: Failed to make / slave: no",
            walls.advice("Failed to make / slave"),
        )
    ]


def test_processes_that_cannot_be_seen_are_told_for_their_memory_cannot_be(examined, monkeypatch):
    monkeypatch.setattr(walls, "processes", lambda roots: set(roots))
    finding = examined()["memory limit"]
    assert (finding.state, finding.step) == ("broken", walls.HIDDEN)


def test_processes_that_are_left_are_told(examined, monkeypatch):
    monkeypatch.setattr(walls, "_command", lambda pid: b"sleep")
    monkeypatch.setattr(walls, "PATIENCE", 2)
    finding = examined()["the end"]
    assert (finding.state, finding.detail[:20]) == ("broken", "processes are left: ")


# ---- the little program --------------------------------------------------------------------------------------------


def test_the_program_notices_what_it_can_write(submit):
    student = submit(INSIDE.read_text())
    student.load()
    assert answer(student, "could", ["/tmp", "/work"]) == ["write to /tmp", "write to /work"]
    assert answer(student, "could", [sys.prefix]) == []


def test_the_program_notices_a_network(submit, monkeypatch):
    if [name for _, name in socket.if_nameindex()] == ["lo"] or os.geteuid() != 0:
        pytest.skip("there is no network to notice, or an ordinary user cannot enter this machine's own")
    real = grader_bwrap.command
    monkeypatch.setattr(grader_bwrap, "command", lambda limits, gpus: (*real(limits, gpus), "--share-net"))
    student = submit(INSIDE.read_text())
    student.load()
    assert "reach the network" in answer(student, "could", [])


# ---- the hook ----------------------------------------------------------------------------------------------------


def test_what_comes_after_something_missing_is_not_tried_but_hardware_is_looked_at(monkeypatch):
    monkeypatch.setattr(
        grader_machine, "examine_bubblewrap", lambda: [Finding("bubblewrap", "missing", "is not installed")]
    )
    monkeypatch.setattr(grader_machine, "examine_walls", lambda: pytest.fail("there are no walls to try"))
    monkeypatch.setattr(grader_machine.hardware, "ASK", "raise SystemExit(3)")
    plugins = build_manager(defaults=["grader_machine"], installed=False)
    (findings,) = plugins.hook.grader_doctor()
    assert [finding.subject for finding in findings] == ["system", "bubblewrap", "torch"]


def test_it_is_a_default_plugin_and_the_command_line_imports_no_torch():
    code = "import sys; from grader.manager import build_manager as b; b(installed=False).get_plugin('grader_machine')"
    code += ".__name__; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert shutil.which("bwrap")
