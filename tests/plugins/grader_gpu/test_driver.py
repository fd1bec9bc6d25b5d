from __future__ import annotations

import pytest

from grader.errors import DeviceFault
from grader.work import Device
from grader_gpu import driver
from grader_gpu.driver import allotted, ask_driver, read

from .machine import H100, L4, gpu, install, log

TWO = log(gpu("GPU-aaaa"), gpu("GPU-bbbb", L4, "23034 MiB", minor=1))


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def test_a_machine_without_a_driver_has_no_gpu_and_starts_nothing(path):
    assert ask_driver() is None


def test_the_driver_names_each_gpu_with_its_memory(path):
    install(path, TWO)
    found = ask_driver()
    assert found is not None
    assert found.version == "570.86.15"
    assert [(device.name, device.uuid, device.memory >> 20) for device in found.devices] == [
        (H100, "GPU-aaaa", 81559),
        (L4, "GPU-bbbb", 23034),
    ]


def test_a_gpu_is_used_by_its_own_file_and_those_that_all_share(path, tmp_path, monkeypatch):
    there = {"/dev/nvidia1", "/dev/nvidiactl", "/dev/nvidia-uvm"}
    monkeypatch.setattr(driver.Path, "exists", lambda self: str(self) in there)
    _, second = read(TWO.encode()).devices
    assert second.files == ("/dev/nvidia1", "/dev/nvidiactl", "/dev/nvidia-uvm")


def test_one_that_is_divided_is_no_device():
    found = read(log(gpu(mig="Enabled"), gpu("GPU-bbbb", L4, "23034 MiB", minor=1)).encode())
    assert [device.uuid for device in found.devices] == ["GPU-bbbb"]
    assert found.divided == (H100,)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        pytest.param("NVIDIA-SMI has failed", 9, "the driver does not answer: NVIDIA-SMI has failed", id="it fails"),
        pytest.param("<nvidia", 0, "the driver's answer cannot be read", id="no XML"),
        pytest.param(log(gpu(memory="N/A")), 0, "the driver's answer cannot be read", id="no memory"),
        pytest.param(log(gpu(memory="80 GiB")), 0, "memory in GiB", id="another unit"),
    ],
)
def test_a_driver_that_does_not_answer_is_told(path, answer, status, said):
    install(path, answer, status)
    with pytest.raises(DeviceFault, match=said):
        ask_driver()


A, B, C = (Device(L4, f"GPU-{letter * 4}", 1 << 30) for letter in "abc")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        pytest.param(None, [A, B, C], id="nothing is said"),
        pytest.param("", [], id="none"),
        pytest.param("-1", [], id="none, as some write it"),
        pytest.param("NoDevFiles", [], id="none, as Slurm writes it"),
        pytest.param("2,0", [C, A], id="numbers"),
        pytest.param("GPU-bbbb", [B], id="a uuid"),
        pytest.param("GPU-bb, GPU-a", [B, A], id="beginnings of uuids"),
        pytest.param("GPU-", [], id="one that fits several"),
        pytest.param("1,7,0", [B], id="one that is not there ends it"),
        pytest.param("1,1", [B], id="one twice ends it"),
        pytest.param("MIG-cccc", [], id="a slice"),
    ],
)
def test_only_what_a_scheduler_allotted_is_used(said, wanted):
    assert allotted([A, B, C], said) == wanted
