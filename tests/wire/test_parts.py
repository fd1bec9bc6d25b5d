"""Counting what is in msgpack bytes, before anything is built of them."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.msgpack import Ext

from grader.errors import WireError
from grader.wire.parts import parts
from grader.wire.values import unpack

MANY = 100_000


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (None, 1), (-1, 1), (200, 1), (-200, 1), (70_000, 1), (2**40, 1), (-(2**40), 1), (1.5, 1), (True, 1),
        ("a", 1), ("a" * 40, 1), ("a" * 300, 1), ("a" * MANY, 1), (b"a", 1), (b"a" * 300, 1), (b"a" * MANY, 1),
        ([], 1), ([1, [2]], 4), ([0] * MANY, MANY + 1), ({"a": 1, "b": [2]}, 6), ({n: n for n in range(20)}, 41),
        (dict.fromkeys(range(MANY)), 2 * MANY + 1),
        *((Ext(5, b"x" * n), 1) for n in (0, 1, 2, 4, 8, 16, 17, 300, MANY)),
    ],
)  # fmt: skip
def test_every_kind_is_counted_once_with_its_parts(value, count):
    data = msgspec.msgpack.encode([value, None])
    assert parts(data, 1 << 30) == count + 2


def test_no_more_is_counted_than_is_asked_for():
    assert parts(msgspec.msgpack.encode([0] * MANY), 10) == 11


@pytest.mark.parametrize("data", [b"\xc6", b"\xdb\xff\xff\xff\xff", b"\xc1", b"\xd9\x09a"])
def test_bytes_that_end_too_soon_are_left_to_the_decoder(data):
    assert parts(data, 10) <= 1
    with pytest.raises(WireError):
        unpack(data)


def test_many_empty_maps_are_refused_before_they_are_built(monkeypatch):
    monkeypatch.setattr("grader.wire.values.msgspec.msgpack.Decoder", None)  # nothing is decoded
    with pytest.raises(WireError, match="too many parts"):
        unpack(b"\xdd\x00\x20\x00\x00" + b"\x80" * (2 << 20))


def test_a_dtype_that_numpy_cannot_parse_is_no_value():
    header = {"dtype": ",,,", "shape": [1], "device": "numpy", "data": b"12345678"}
    with pytest.raises(WireError, match="SyntaxError"):
        unpack(msgspec.msgpack.encode(Ext(2, msgspec.msgpack.encode(header))))


def test_a_timestamp_is_no_value():
    with pytest.raises(WireError):
        unpack(b"\xd6\xff\x00\x00\x00\x00")
