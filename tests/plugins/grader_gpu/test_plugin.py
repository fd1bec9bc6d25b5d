from __future__ import annotations

import pytest

import grader_gpu
from grader.errors import SandboxUnavailable
from grader.referee.health import Health
from grader_gpu import examination
from grader_gpu.usable import Answer

from .machine import L4, gpu, install, log


@pytest.fixture
def programs(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "programs"), prepend=":")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path / "programs"


def says(monkeypatch, answer: Answer, health: Health = Health()) -> None:  # noqa: B008
    monkeypatch.setattr(examination, "ask_torch", lambda devices: answer)
    monkeypatch.setattr(examination, "inside", lambda devices: health)


def findings() -> list[tuple[str, str, str]]:
    return [(found.subject, found.state, found.detail) for found in grader_gpu.grader_doctor()]


def test_a_machine_without_a_driver_is_fine(programs, monkeypatch):
    monkeypatch.setenv("PATH", str(programs))
    assert list(grader_gpu.grader_devices()) == []
    none = "none: checks that need one stay pending, and cost nobody a point"
    assert findings() == [("GPU", "ok", none)]


def test_a_driver_without_a_torch_for_it_gives_no_gpu_and_is_told(programs):
    install(programs, log(gpu()))
    assert list(grader_gpu.grader_devices()) == []
    assert findings()[1][:2] == ("GPU in torch", "missing")
    assert "it is built for the CPU" in findings()[1][2]


def test_the_whole_way_is_told(programs, monkeypatch):
    install(programs, log(gpu(), gpu("GPU-bbbb", L4, "23034 MiB", minor=1)))
    says(monkeypatch, Answer("12.8", (0, 1)))
    assert findings() == [
        ("GPU", "ok", "NVIDIA H100 80GB HBM3, 80 GB, NVIDIA L4, 22 GB; driver 570.86.15"),
        ("GPU in torch", "ok", "each was used; torch is built for CUDA 12.8"),
        ("GPU in a sandbox", "ok", "each was used"),
    ]


@pytest.mark.parametrize(
    ("answer", "health", "last"),
    [
        (Answer("12.8", (), "RuntimeError: no"), Health(), ("GPU in torch", "missing", "RuntimeError: no")),
        (Answer("12.8", ()), Health(), ("GPU in torch", "missing", "0 of 1 work")),
        (
            Answer("12.8", (0,)),
            Health("torch sees 0 of 1 GPUs"),
            ("GPU in a sandbox", "broken", "torch sees 0 of 1 GPUs"),
        ),
    ],
)
def test_the_first_thing_that_is_wrong_is_the_last_that_is_told(programs, monkeypatch, answer, health, last):
    install(programs, log(gpu()))
    says(monkeypatch, answer, health)
    assert findings()[-1] == last


def test_a_driver_that_does_not_answer_is_a_finding_and_not_a_traceback(programs):
    install(programs, "NVIDIA-SMI has failed", status=9)
    assert findings() == [("GPU", "broken", "the driver does not answer: NVIDIA-SMI has failed")]


def test_divided_ones_and_those_of_others_are_named_and_not_used(programs, monkeypatch):
    install(programs, log(gpu(mig="Enabled")))
    assert findings()[0][2] == "NVIDIA H100 80GB HBM3 is divided by MIG, and not used"
    install(programs, log(gpu()))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert findings()[0][2].endswith("has none for us)")


def test_from_inside_a_sandbox_the_gpus_would_be_used_as_students_do(programs):
    """The whole way, with a GPU that is the CPU."""
    from grader.hardware import PRETENDED_DEVICES

    assert examination.inside(PRETENDED_DEVICES[:1]) == Health(free=(0,))


def test_a_machine_that_cannot_confine_says_so(monkeypatch):
    def cannot() -> None:
        raise SandboxUnavailable("bubblewrap is not installed")

    monkeypatch.setattr(examination.grader_bwrap, "prepare", cannot)
    assert examination.inside(()).problem == "bubblewrap is not installed"
