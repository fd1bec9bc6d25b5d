"""Ranks in a sandbox: fast from the warm process, within the limits, and of no use to a hostile one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
import torch

from grader.model import MB, Outcome
from grader.referee.faults import StudentFault
from grader.referee.sandboxed import Sandboxed
from grader.wire import protocol
from grader.wire.frames import HEADER
from grader.wire.protocol import Halted, Place, Value
from grader.wire.values import pack
from tests.ranks.launching import fault, reply, values
from tests.ranks.students import SOURCE

pytest_plugins = ["tests.referee.warm"]

HOSTILE = """
import socket, struct
from pathlib import Path

def ranks():
    parent = os.getppid()
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]

def kills_the_other():
    if me():
        for pid in ranks():
            if pid != os.getpid():
                os.kill(pid, signal.SIGKILL)
    dist.barrier()

def kills_the_launcher():
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)

def writes(data):
    if me():
        for number in range(3, 64):
            try: os.write(number, data)
            except OSError: pass
    return me()

def closes_everything():
    if me():
        os.closerange(0, 64)
        time.sleep(60)
    return me()

def opens_what_others_have():
    opened = []
    for pid in ranks():
        for number in range(64):
            try: os.close(os.open(f"/proc/{pid}/fd/{number}", os.O_WRONLY | os.O_NONBLOCK))
            except OSError: continue
            if pid != os.getpid(): opened.append(number)
    return opened

def allocates(mb, seconds):
    kept = bytearray(mb << 20)
    kept[::4096] = b"x" * len(kept[::4096])
    time.sleep(seconds)
    return len(kept)

def bombs():
    while True: os.fork()

def means(x):
    return torch.mean(x) if me() else x
"""


@pytest.fixture
def student(submit) -> Sandboxed:
    made: Sandboxed = submit(SOURCE + HOSTILE, memory=400 * MB)
    made.load()
    return made


def sandbox(student: Sandboxed) -> int:
    return student.entry.about.keeper if student.entry is not None else 0


def test_a_step_of_two_ranks_is_the_same_as_elsewhere(student):
    one, other = values(student, "step")
    torch.testing.assert_close(one["weight"], other["weight"], rtol=0, atol=0)


def test_the_warm_process_has_one_thread_and_has_imported_what_a_step_needs(student):
    assert values(student, "imported_by_a_step") == [[], []]
    status = Path(f"/proc/{student.entry.about.keeper}/status").read_text()
    zygote = status.partition("PPid:\t")[2].split()[0]
    assert "\nThreads:\t1\n" in Path(f"/proc/{zygote}/status").read_text()


@pytest.mark.parametrize("nprocs", [4, 8])
def test_more_ranks_fit_into_the_usual_limits(student, nprocs):
    assert values(student, "group", nprocs=nprocs) == [[rank, nprocs, "DETAIL"] for rank in range(nprocs)]


def test_a_launch_works_without_walls(submit):
    student = submit(SOURCE, confined=False)
    assert values(student, "group") == [[0, 2, "DETAIL"], [1, 2, "DETAIL"]]
    assert fault(student, "one_exits").message == "rank 1 ended the process (exit status 3)"


def test_calls_go_on_in_the_same_sandbox_whatever_became_of_a_launch(student):
    before = sandbox(student)
    for target in ("one_raises", "one_exits", "one_returns", "aborts_afterwards", "trains_and_destroys"):
        reply(student, target)
    reply(student, "one_ignores_everything", seconds=5.0)
    values(student, "forks", "/tmp/pid")
    assert values(student, "me") == [0, 1]
    assert sandbox(student) == before != 0


def test_processor_time_of_all_ranks_counts(student):
    reply(student, "one_computes", seconds=5.0)
    assert student.used.cpu_seconds > 1.0


@pytest.mark.parametrize("nprocs", [1, 3])
def test_memory_is_that_of_all_ranks_together(student, nprocs):
    if nprocs == 1:
        assert values(student, "allocates", 200, 0.2, nprocs=nprocs) == [200 * MB]
        return
    with pytest.raises(StudentFault) as found:
        reply(student, "allocates", 200, 30, nprocs=nprocs)
    assert found.value.outcome is Outcome.MEMORY


def test_an_answer_that_is_too_large_is_that_ranks(student):
    assert fault(student, "big", 20).message.endswith(" cannot be read: an answer of 20 MB; the limit is 16 MB")


def test_a_forbidden_name_is_forbidden_in_every_rank(student):
    found = fault(student, "means", torch.ones(3), forbidden=("torch.mean",))
    assert found.outcome is Outcome.FORBIDDEN
    assert found.message.startswith("torch.mean may not be used in this part (tiny.py, line ")


# ---- hostile ranks ---------------------------------------------------------------------------------------------


def test_a_rank_that_kills_another_has_lost_it(student):
    assert fault(student, "kills_the_other").message == "rank 0 ended the process (SIGKILL)"
    assert values(student, "me") == [0, 1]


def test_ranks_that_kill_their_launcher_end_the_call(student):
    with pytest.raises(StudentFault, match=r"kills_the_launcher\(\) ended the process \(SIGKILL\)"):
        reply(student, "kills_the_launcher")
    assert values(student, "me") == [0, 1]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xff" * 64, id="garbage"),
        pytest.param(b"\x05" + b"\x00" * 7 + b"value", id="a frame that is no reply"),
    ],
)
def test_a_rank_that_writes_garbage_spoils_its_own_answer(student, data):
    assert fault(student, "writes", data).message.startswith("the answer of rank 1 cannot be read: ")


def test_a_rank_forges_no_answer_but_its_own(student):
    forged = protocol.encode(Value(pack("forged")))
    assert values(student, "writes", HEADER.pack(len(forged)) + forged) == [0, "forged"]


def test_a_rank_tells_nothing_of_others(student):
    forged = protocol.encode(Halted("ended", Place(0, "ended")))
    found = fault(student, "writes", HEADER.pack(len(forged)) + forged)
    assert found.message == "the answer of rank 1 cannot be read: bytes that are not a reply"


def test_no_rank_reaches_the_sockets_of_another(student):
    assert not any(values(student, "opens_what_others_have"))


def test_many_ranks_that_say_nothing_are_given_up_in_time(student):
    found = fault(student, "all_ignore_everything", nprocs=8, seconds=10.0)
    assert found.message == "ranks 0, 1, 2, 3, 4, 5, 6 and 7 did not come to an end"


def test_a_rank_that_writes_without_end_is_to_blame(student):
    assert "rank 1" in fault(student, "floods_its_trace", seconds=5.0).message


def test_a_rank_that_closes_everything_is_to_blame(student):
    assert fault(student, "closes_everything", seconds=5.0).message.startswith("rank 1 ")


def test_a_fork_bomb_is_over_when_the_call_is(student):
    with suppress(StudentFault):
        assert not isinstance(reply(student, "bombs", seconds=5.0), Value)
    assert values(student, "me") == [0, 1]
