"""What several processes print becomes one text."""

from __future__ import annotations

import os

import pytest

from grader.ranks.output import LAST, LONGEST_LINE, MOST, Output


@pytest.fixture
def output(capfd) -> Output:
    return Output()


def test_each_line_has_its_rank(output, capfd):
    output.add(0, b"a\nb\n")
    output.add(1, b"c\n")
    output.close()
    assert capfd.readouterr().out == "[rank 0] a\n[rank 0] b\n[rank 1] c\n" == output.last()


def test_a_line_that_comes_in_pieces_is_one(output):
    output.add(0, b"half")
    output.add(1, b"between\n")
    output.add(0, b" a line\nunended")
    output.close()
    assert output.last() == "[rank 1] between\n[rank 0] half a line\n[rank 0] unended\n"


def test_what_another_process_writes_is_its_ranks(output):
    pid = os.fork()
    if pid == 0:
        os.write(output.far.fileno(), b"from a fork\n")
        os._exit(0)
    output.ranks[pid] = 3
    assert output.take()
    os.waitpid(pid, 0)
    output.close()
    assert output.last() == "[rank 3] from a fork\n"


def test_what_nobody_known_writes_is_dropped(output):
    output.far.sendall(b"from nobody\n")
    output.close()
    assert output.last() == ""


def test_a_long_line_is_cut(output):
    output.add(0, b"x" * 3 * LONGEST_LINE)
    output.close()
    assert len(output.last()) < LONGEST_LINE + 20


def test_much_is_bounded(output, capfd):
    for _ in range(10):
        output.add(0, (b"y" * 99 + b"\n") * 1000)
    output.close()
    assert MOST < len(capfd.readouterr().out) < MOST + 200
    assert len(output.last()) == LAST
    assert output.last().endswith("... and more, which is not kept\n")


def test_what_gloo_and_torch_say_of_themselves_is_left_out(output):
    output.add(0, b"[Gloo] Rank 0 is connected to 1 peer ranks. Expected number of connected peer ranks is : 1\n")
    output.add(0, b"[rank0]:[E1124 14:40:00.053868932 ProcessGroupGloo.cpp:2901] [Rank 0]: Rank 1 failed to pass\n")
    output.add(0, b"[E1124 15:24:15.490386212 ProcessGroupGloo.cpp:67] Gloo connectFullMesh failed with\n")
    output.add(0, b"[/pytorch/third_party/gloo/gloo/transport/tcp/debug_logger.cc:9] ERROR failed to connect\n")
    output.add(0, b"loss 0.5\n")
    output.close()
    assert output.last() == "[rank 0] loss 0.5\n"


def test_bytes_that_are_no_text_are_shown_as_such(output):
    output.add(0, b"\xff\n")
    output.close()
    assert output.last() == "[rank 0] \N{REPLACEMENT CHARACTER}\n"
