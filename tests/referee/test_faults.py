"""Whose fault, which outcome, and words that a student may read."""

from __future__ import annotations

import os
import signal

import pytest

from grader.model import Outcome
from grader.referee.faults import LONGEST, clean, ended, from_reply, out_of_memory, out_of_time
from grader.wire.protocol import Bound, Forbade, Halted, Loaded, Missing, Place, Raised, Unsendable

MRO = ("ValueError", "Exception")


# ---- what a process's end means ----------------------------------------------------------------------------------


def status_of(exit_with) -> int:
    """The wait status of a real process that ends so."""
    pid = os.fork()
    if pid == 0:
        exit_with()
        os._exit(99)
    return os.waitpid(pid, 0)[1]


@pytest.mark.parametrize(
    ("exit_with", "cpu", "outcome", "message"),
    [
        pytest.param(lambda: os._exit(0), 0, "crashed", "f() ended the process (exit status 0)", id="success"),
        pytest.param(lambda: os._exit(3), 0, "crashed", "f() ended the process (exit status 3)", id="a status"),
        pytest.param(lambda: os.kill(os.getpid(), 9), 0, "crashed", "f() ended the process (SIGKILL)", id="a signal"),
        pytest.param(
            lambda: os.kill(os.getpid(), signal.SIGRTMIN + 3), 0, "crashed", "f() ended the process (signal 37)",
            id="a signal without a name",
        ),
        pytest.param(
            lambda: os.kill(os.getpid(), 9), 19.5, "timeout", "f() used its 20 s of processor time", id="cpu limit"
        ),
        pytest.param(lambda: os._exit(0), 19.5, "crashed", "f() ended the process (exit status 0)", id="late exit"),
        pytest.param(lambda: os.kill(os.getpid(), 14), 19.5, "crashed", "f() ended the process (SIGALRM)", id="crash"),
    ],
)  # fmt: skip
def test_the_end_of_a_process_is_told_from_its_status(exit_with, cpu, outcome, message):
    fault = ended(status_of(exit_with), cpu, 20, "f()")
    assert (fault.outcome, fault.message) == (Outcome(outcome), message)


def test_a_wait_status_that_no_process_has_is_not_an_error_of_ours():
    assert ended(0x7F, 0.0, 20, "f()").message == "f() ended the process (signal 127)"


def test_limits_say_how_much_there_was():
    assert out_of_time(2.5, "f()").outcome is Outcome.TIMEOUT
    assert out_of_time(2.5, "f()").message.startswith("f() took longer than 2.5 s")
    assert out_of_memory(300 << 20, "f()").outcome is Outcome.MEMORY
    assert out_of_memory(300 << 20, "f()").message == "f() used more than 300 MB of memory"


# ---- what a reply means ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "outcome", "message"),
    [
        pytest.param(Missing("double"), "not_attempted", "double is not defined", id="missing"),
        pytest.param(
            Bound("double", "int"), "error", "double is of type int, not a function or class", id="bound to a number"
        ),
        pytest.param(
            Forbade("f", "a.py, line 3"), "forbidden", "f may not be used in this part (a.py, line 3)",
            id="forbidden",
        ),
        pytest.param(Forbade("f"), "forbidden", "f may not be used in this part", id="forbidden, nowhere"),
        pytest.param(
            Forbade("torch.nn.functional.softmax?", "a.py, line 3", "F.softmax"), "forbidden",
            "F.softmax may not be used in this part (a.py, line 3)", id="forbidden, as it is written",
        ),
        pytest.param(
            Forbade("aten::_softmax", "a.py, line 3", "F.softmax"), "forbidden",
            "F.softmax calls aten::_softmax, which may not be used in this part (a.py, line 3)",
            id="forbidden, under another name",
        ),
        pytest.param(Unsendable("a Foo"), "failed", "the answer cannot be compared: a Foo", id="no data"),
        pytest.param(Raised(MRO, "a.py, line 3"), "error", "ValueError at a.py, line 3", id="raised"),
        pytest.param(Raised(MRO, "", "said so"), "error", "ValueError: said so", id="a library's words"),
        pytest.param(Raised(()), "error", "an exception", id="raised nothing"),
        pytest.param(
            Raised(("NotImplementedError", "RuntimeError"), "a.py, line 3"), "not_attempted",
            "not implemented yet at a.py, line 3", id="the stub",
        ),
        pytest.param(Raised(("MemoryError",)), "memory", "f() ran out of memory", id="MemoryError"),
        pytest.param(
            Raised(("RuntimeError",), "", "DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
            "memory", "f() ran out of memory", id="torch's",
        ),
        pytest.param(
            Raised(("OutOfMemoryError", "RuntimeError"), "a.py, line 3", "CUDA out of memory. Tried to allocate 2 GiB"),
            "memory", "f() ran out of GPU memory at a.py, line 3", id="a GPU's",
        ),
        pytest.param(
            Raised(("AcceleratorError", "RuntimeError"), "a.py, line 3", "CUDA error: device-side assert triggered\n"),
            "error", "AcceleratorError at a.py, line 3: CUDA error: device-side assert triggered",
            id="an assert on the GPU",
        ),
        pytest.param(Loaded(), "crashed", "f() gave no answer", id="not an answer at all"),
    ],
)  # fmt: skip
def test_a_reply_without_a_value_has_an_outcome(reply, outcome, message):
    fault = from_reply(reply, "f()")
    assert (fault.outcome, fault.message) == (Outcome(outcome), message)


def test_the_classes_of_an_exception_are_kept_for_raises():
    assert from_reply(Raised(MRO), "f()").types == MRO


FORGED = "x\x1b[2J\n" + "A" * 5000 + " 0.123456"


@pytest.mark.parametrize(
    "reply",
    [
        Missing(FORGED),
        Bound(FORGED, FORGED),
        Forbade(FORGED, FORGED),
        Unsendable(FORGED),
        Raised((FORGED,) * 1000, FORGED, FORGED),
    ],
    ids=lambda reply: type(reply).__name__,
)
def test_a_forged_reply_stays_one_short_printable_line(reply):
    message = from_reply(reply, "f()").message
    assert message.isprintable()
    assert len(message) < 2 * LONGEST
    assert "0.123" not in message


# ---- cleaning ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a  b\n\tc", "a b c"),
        ("\x00\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("size (4) must match (3)", "size (4) must match (3)"),
        ("the input was -0.4527", "the input was -…"),
        ("lr=1e-3 is 1.5e-07", "lr=1e-3 is …"),
        ("seed 123456", "seed …"),
        ("1234 items", "1234 items"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_cleaning(text, cleaned):
    assert clean(text) == cleaned


def test_a_mismatch_of_which_no_collective_is_known_names_the_rank():
    halted = Halted("mismatch", Place(1, "raised", where="ddp_lab.py, line 9"), (Place(0, "works"),))
    said = from_reply(halted, "a launch").message
    assert said == "rank 1 called a collective that does not fit another rank's at ddp_lab.py, line 9"
