"""No two checks use a GPU at a time, in whichever process they run, unless both allow it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import DeviceFault
from grader.referee.devices import Need
from grader.referee.leases import SHARES, Lease, Leases, place
from grader.work import Device

GB = 1 << 30
ONE, TWO = (Device("NVIDIA L4", f"GPU-{letter}", 24 * GB) for letter in "ab")
ALONE = Need()
SHARED = Need(shared=True, memory=4 * GB)


@pytest.fixture
def leases(tmp_path: Path) -> Callable[..., Leases]:
    """Make what one grader has: `leases(ONE, TWO)`. It gives up soon."""
    return lambda *devices: Leases(devices, tmp_path, seconds=0.05)


def uuids(lease: Lease) -> list[str]:
    return [device.uuid for device in lease.devices]


def test_a_gpu_is_had_by_one_alone_until_it_is_given_back(leases):
    lease = leases(ONE).take(ALONE)
    with pytest.raises(DeviceFault, match=r"no GPU came free in 0\.05 s"):
        leases(ONE).take(ALONE)
    lease.release()
    assert uuids(leases(ONE).take(ALONE)) == ["GPU-a"]


def test_of_several_one_that_is_free_is_taken(leases):
    held = leases(ONE, TWO).take(ALONE)
    assert uuids(held) == ["GPU-a"]
    assert uuids(leases(ONE, TWO).take(ALONE)) == ["GPU-b"]
    held.release()


def test_several_are_taken_all_or_none(leases):
    held = leases(ONE).take(ALONE)
    with pytest.raises(DeviceFault):
        leases(ONE, TWO).take(Need(count=2))
    other = leases(TWO).take(ALONE)  # nobody holds it while waiting for the first
    held.release()
    other.release()
    assert uuids(leases(ONE, TWO).take(Need(count=2))) == ["GPU-a", "GPU-b"]


def test_one_that_is_too_small_is_not_taken(leases):
    large = Device("NVIDIA H100", "GPU-h", 79 * GB)
    assert uuids(leases(ONE, large).take(Need(memory=80 * GB))) == ["GPU-h"]


def test_one_that_does_not_work_is_not_taken(leases):
    assert uuids(leases(ONE, TWO).take(ALONE, without={"GPU-a"})) == ["GPU-b"]
    with pytest.raises(DeviceFault, match="does not work"):
        leases(ONE, TWO).take(ALONE, without={"GPU-a", "GPU-b"})


def test_checks_that_allow_it_share_a_gpu_and_others_wait(leases):
    held = [leases(ONE).take(SHARED) for _ in range(SHARES)]
    for need in (SHARED, ALONE):
        with pytest.raises(DeviceFault):
            leases(ONE).take(need)
    held.pop().release()
    with pytest.raises(DeviceFault):
        leases(ONE).take(ALONE)
    assert uuids(leases(ONE).take(SHARED)) == ["GPU-a"]


def test_what_is_had_alone_is_not_shared(leases):
    held = leases(ONE).take(ALONE)
    with pytest.raises(DeviceFault):
        leases(ONE).take(SHARED)
    held.release()


def test_a_share_is_as_large_as_the_memory_that_it_needs(leases):
    large = leases(ONE).take(Need(shared=True, memory=13 * GB))  # three quarters
    small = leases(ONE).take(SHARED)
    with pytest.raises(DeviceFault):
        leases(ONE).take(SHARED)
    large.release()
    small.release()


def test_locks_that_cannot_be_had_are_a_fault_of_ours(tmp_path):
    no_folder = tmp_path / "a file"
    no_folder.touch()
    with pytest.raises(DeviceFault, match="GPUs cannot be leased"):
        Leases([ONE], no_folder, seconds=0.05).take(ALONE)


def test_the_folder_is_for_all_users_of_the_machine():
    assert place().stat().st_mode & 0o777 == 0o777


# ---- who was there last ------------------------------------------------------------------------------------------


def test_who_uses_a_gpu_is_written_down(leases):
    lease = leases(ONE).take(ALONE)
    assert not lease.used_by("ada")
    lease.sign("ada")
    lease.release()
    again = leases(ONE).take(ALONE)
    assert again.used_by("ada")
    again.sign("al")
    assert again.used_by("al")
    assert not again.used_by("ada")


def test_all_of_several_count(leases):
    leases(ONE).take(ALONE).sign("ada")
    both = leases(ONE, TWO).take(Need(count=2))
    assert not both.used_by("ada")
    both.sign("ada")
    assert both.used_by("ada")


def test_no_link_is_followed(leases, tmp_path):
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "GPU-a.last").symlink_to("precious")
    with pytest.raises(OSError, match="symbolic link"):
        leases(ONE).take(ALONE).sign("ada")
    assert (tmp_path / "precious").read_text() == "kept"


# ---- other processes ---------------------------------------------------------------------------------------------


def in_a_process(work: Callable[[], object]) -> int:
    """Do this in a fork, which ends with 0 if nothing was raised; return its number."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return pid


def test_a_grader_that_is_killed_holds_nothing(leases):
    reader, writer = os.pipe()

    def holds() -> None:
        lease = leases(ONE).take(ALONE)
        lease.sign("ada")
        os.write(writer, b"x")
        signal.pause()

    pid = in_a_process(holds)
    assert os.read(reader, 1) == b"x"
    with pytest.raises(DeviceFault):
        leases(ONE).take(ALONE)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    lease = leases(ONE).take(ALONE)
    assert lease.used_by("ada")  # and what it may have broken is looked at by the next


def test_eight_at_once_never_meet_on_a_gpu(tmp_path):
    def uses() -> None:
        leases = Leases([ONE, TWO], tmp_path, seconds=60)
        for _ in range(20):
            lease = leases.take(ALONE)
            (device,) = lease.devices
            mark = tmp_path / f"{device.uuid}.in_use"
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))  # raises where another is there
            mark.unlink()
            lease.release()

    pids = [in_a_process(uses) for _ in range(8)]
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * 8


def test_graders_of_two_users_know_of_each_other(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    for parent in (tmp_path, tmp_path.parent, tmp_path.parent.parent):  # pytest's own, closed to others
        parent.chmod(0o755)

    def as_another(work: Callable[[], object]) -> int:
        def becomes() -> None:
            if os.geteuid() == 0:  # else it is at least another process
                os.setresuid(70_005, 70_005, 70_005)
            work()

        return os.waitpid(in_a_process(becomes), 0)[1]

    held = Leases([ONE], folder, seconds=0.05).take(ALONE)
    assert as_another(lambda: Leases([ONE], folder, seconds=0.05).take(ALONE)) != 0
    held.sign("ada")
    held.release()
    assert as_another(lambda: Leases([ONE], folder, seconds=0.05).take(ALONE).sign("ben")) == 0
    assert as_another(lambda: Leases([TWO], folder, seconds=0.05).take(ALONE).sign("ben")) == 0
    assert Leases([TWO], folder, seconds=0.05).take(ALONE).used_by("ben")  # files that another user has made
