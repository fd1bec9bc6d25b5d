"""Frames: nobody believes a length."""

from __future__ import annotations

import socket

import pytest

from grader.errors import WireError
from grader.wire.frames import HEADER, FrameReader, receive, send


@pytest.fixture
def pair():
    near, far = socket.socketpair()
    with near, far:
        yield near, far


def test_frames_come_back_one_by_one(pair):
    near, far = pair
    for payload in (b"one", b"", b"three"):
        send(near, payload)
    assert [receive(far, 10) for _ in range(3)] == [b"one", b"", b"three"]


def test_a_frame_may_come_byte_by_byte():
    reader = FrameReader(10)
    for byte in HEADER.pack(3) + b"abc":
        assert not reader.complete
        reader.feed(bytes([byte]))
    assert reader.complete
    assert reader.frame == b"abc"


def test_a_length_above_the_limit_is_refused_before_anything_is_read(pair):
    near, far = pair
    near.sendall(HEADER.pack(2**63))
    with pytest.raises(WireError, match="the limit is 5 MB"):
        receive(far, 5 << 20)


def test_an_end_within_a_frame_is_an_error(pair):
    near, far = pair
    near.sendall(HEADER.pack(5) + b"ab")
    near.close()
    with pytest.raises(WireError, match="before its frame did"):
        receive(far, 10)
