"""What a sandbox's processes may use."""

from __future__ import annotations

import os
import resource

import pytest

from grader.candidate.limits import LEAST_ADDRESSES, LEAST_DATA, MB, SIGNALS, Footprint, footprint, impose
from grader.wire.entry import Terms
from tests.referee.warm import answer

pytest_plugins = ["tests.referee.warm"]

BEFORE = Footprint(addresses=700 * MB, data=300 * MB, anonymous=200 * MB)
TERMS = Terms(
    confine=1, unprivileged=0, memory=1000 * MB, cpu_seconds=7, processes=40, open_files=50, file_size=2 * MB, frame=1
)
LIMITS = (
    "RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_CPU", "RLIMIT_CORE",
    "RLIMIT_SIGPENDING", "RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE", "RLIMIT_RTPRIO", "RLIMIT_NICE",
)  # fmt: skip

SOURCE = """
import os, resource, subprocess, threading

def limits(names): return [list(resource.getrlimit(getattr(resource, name))) for name in names]
def raises_one():
    resource.setrlimit(resource.RLIMIT_NOFILE, (10_000, 10_000))
def opens(n):
    files = [open("/dev/null") for _ in range(n)]
    return len(files)
def writes(path, mb):
    with open(path, "wb") as file:
        for _ in range(mb): file.write(bytes(1 << 20))
def forks(n):
    import time
    for i in range(n):
        try:
            if os.fork() == 0:
                time.sleep(60)
        except OSError:
            return i
    return n
def maps(mb):
    import mmap
    return len(mmap.mmap(-1, mb << 20))
"""


def imposed(terms: Terms) -> dict[str, tuple[int, int]]:
    """Return the limits of a fork on which they were imposed."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        impose(terms, BEFORE)
        os.write(writer, repr({name: resource.getrlimit(getattr(resource, name)) for name in LIMITS}).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        found = pipe.read()
    os.waitpid(pid, 0)
    return dict(eval(found))


def test_a_process_has_a_footprint():
    mine = footprint()
    assert mine.addresses > mine.data > 0
    assert 10 * MB < mine.anonymous < mine.addresses


def test_limits_are_hard_and_above_what_the_process_holds():
    expected = {
        "RLIMIT_DATA": 1300 * MB, "RLIMIT_AS": 1700 * MB, "RLIMIT_NPROC": 40, "RLIMIT_NOFILE": 50,
        "RLIMIT_FSIZE": 2 * MB, "RLIMIT_CPU": 7, "RLIMIT_CORE": 1, "RLIMIT_SIGPENDING": SIGNALS,
        "RLIMIT_MEMLOCK": 0, "RLIMIT_MSGQUEUE": 0, "RLIMIT_RTPRIO": 0, "RLIMIT_NICE": 0,
    }  # fmt: skip
    assert imposed(TERMS) == {name: (value, value) for name, value in expected.items()}


def test_cuda_may_reserve_as_many_addresses_as_it_likes():
    found = imposed(TERMS._replace(devices=1))
    assert found["RLIMIT_AS"] == resource.getrlimit(resource.RLIMIT_AS)
    assert found["RLIMIT_DATA"] == (1300 * MB, 1300 * MB)


def test_no_program_of_the_machine_is_started_for_a_crash():
    """With a core_pattern that names a program, the kernel starts it unless the limit is 1: not where it is 0."""
    assert imposed(TERMS)["RLIMIT_CORE"] == (1, 1)


def test_torch_itself_is_left_enough_to_work():
    found = imposed(TERMS._replace(memory=10 * MB))
    assert found["RLIMIT_DATA"][0] == BEFORE.data + LEAST_DATA
    assert found["RLIMIT_AS"][0] == BEFORE.addresses + LEAST_ADDRESSES


def test_without_a_user_namespace_the_users_own_processes_do_not_count():
    assert imposed(TERMS._replace(confine=0))["RLIMIT_NPROC"] == resource.getrlimit(resource.RLIMIT_NPROC)


def test_a_lower_limit_of_the_machine_stays():
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_NOFILE, (30, 30))
        impose(TERMS, BEFORE)
        os._exit(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 30


# ---- in a sandbox ----------------------------------------------------------------------------------------------


@pytest.fixture
def student(submit):
    made = submit(SOURCE, processes=24, open_files=100, disk=4 * MB)
    made.load()
    return made


def raised(student, target: str, *args: object) -> str:
    with pytest.raises(AssertionError) as reply:
        answer(student, target, *args)
    return str(reply.value)


def test_a_candidate_cannot_raise_its_limits(student):
    assert answer(student, "limits", ["RLIMIT_NOFILE"]) == [[100, 100]]
    assert "ValueError" in raised(student, "raises_one")


def test_files_processes_and_sizes_are_limited(student):
    assert answer(student, "opens", 80) == 80
    assert "OSError" in raised(student, "opens", 120)
    assert "OSError" in raised(student, "writes", "/tmp/big", 5)
    assert "OSError" in raised(student, "writes", "/work/big", 5)
    assert answer(student, "forks", 40) < 24


def test_address_space_is_limited_which_shared_maps_would_escape(student):
    assert "OSError" in raised(student, "maps", 1200)
