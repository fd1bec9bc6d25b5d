"""What a forked rank inherits open."""

from __future__ import annotations

import os

from grader.ranks.descriptors import vacate


def in_a_fork(work) -> bytes:
    """What `work` returns in a fork."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        try:
            os.write(writer, work(writer))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        answer = file.read()
    os.wait()
    return answer


def test_nothing_reaches_who_had_it_and_its_number_is_not_given_again():
    inherited, end = os.pipe()

    def work(answer):
        vacate(answer)
        os.write(end, b"a logger's line")
        opened = os.pipe()
        os.set_blocking(opened[0], False)
        os.write(end, b"another")
        return b"nothing" if end not in opened and not os.get_inheritable(end) else b"its number came again"

    assert in_a_fork(work) == b"nothing"
    os.close(end)
    with os.fdopen(inherited, "rb") as file:
        assert file.read() == b""
