"""Whatever a candidate sends, it is a value that could have been sent, or a WireError; and comparing it is safe."""

from __future__ import annotations

import tracemalloc

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.msgpack import Ext

from grader.errors import WireError
from grader.referee.compare import difference
from grader.teaching.diagnosis import Answered, is_void
from grader.wire.parts import parts
from grader.wire.values import ARRAY, DEPTH, LEAVES, LONGEST_SCALAR, TENSOR, TUPLE, pack, unpack
from tests.fuzzing import fuzzed
from tests.wire.hostile import BYTES, VALUES, nested

encode = msgspec.msgpack.encode
EXPECTED = (
    None, True, 1, 1.5, 1j, "a", b"a", torch.float32, torch.device("cpu"),
    torch.zeros(()), torch.ones(2), torch.eye(2, dtype=torch.bfloat16), torch.zeros(0, 3, dtype=torch.int64),
    torch.ones(1, dtype=torch.bool), np.zeros(1), np.ones((2, 2)), np.array(True),
    [1.5, [torch.ones(1)]], (None,), {"a": 1.5}, {1: [2]}, {},
)  # fmt: skip


def same(one, other) -> bool:
    """Whether two values are alike to the last bit, NaN too."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, torch.Tensor):
        return one.dtype is other.dtype and one.shape == other.shape and pack(one) == pack(other)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return one == other or one != one or (isinstance(one, complex) and repr(one) == repr(other))


@fuzzed(300)
@given(VALUES)
def test_what_can_be_sent_comes_back_as_it_was(value):
    assert same(unpack(pack(value)), value)


@fuzzed(1500)
@given(BYTES)
@example(nested([(False, 63), (True, 1)]))
@example(nested([(True, 60), (False, 1)] * 15))
def test_bytes_are_a_value_that_could_have_been_sent_or_a_wire_error(data):
    try:
        value = unpack(data)
    except WireError:
        return
    assert same(unpack(pack(value)), value)


@fuzzed(400)
@given(BYTES | VALUES.map(pack), st.sampled_from(EXPECTED))
def test_comparing_with_an_odd_value_gives_a_sentence(data, expected):
    try:
        value = unpack(data)
    except WireError:
        return
    for said in (difference(value, expected), difference([value, 1], [expected, 1])):
        assert said is None or (isinstance(said, str) and "\n" not in said)
    assert is_void(Answered("value", value)) in (True, False)


@fuzzed(500)
@given(BYTES)
def test_counting_looks_no_further_than_the_bytes(data):
    assert 0 <= parts(data, 50) <= min(len(data), 51)


# ---- what fuzzing found ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param("\ud800", "surrogate", id="half a character"),
        pytest.param({"\ud800": 1}, "surrogate", id="half a character as a key"),
        pytest.param([(1, ("\ud800",))], "surrogate", id="half a character in a tuple"),
        pytest.param({2**64: 1}, "a dict with a key", id="a key of 65 bits"),
        pytest.param(
            {"a": [10**5000]}, r"an int of 16610 bits is too large to be sent \(at \['a'\]\[0\]\)", id="an int"
        ),
    ],
)
def test_what_msgpack_has_no_bytes_for_is_refused(value, words):
    with pytest.raises(WireError, match=words):
        pack(value)


def test_the_largest_int_that_is_sent_is_read():
    most = 2 ** (3 * LONGEST_SCALAR) - 1
    assert unpack(pack([most, -most])) == [most, -most]


@pytest.mark.parametrize("deepest", [DEPTH - 1, DEPTH])
def test_lists_and_tuples_count_alike_towards_the_depth(deepest):
    value = None
    for level in range(deepest):
        value = [value] if level % 2 else (value,)
    if deepest < DEPTH:
        assert unpack(pack(value)) == value
        return
    with pytest.raises(WireError, match="nested"):
        unpack(nested([(True, 1), (False, 1)] * (DEPTH // 2)))


def test_a_tuple_of_a_string_is_no_value():
    with pytest.raises(WireError):
        unpack(encode(Ext(TUPLE, encode("abc"))))


def test_a_bool_that_is_neither_true_nor_false_is_no_value():
    with pytest.raises(WireError, match="neither true nor false"):
        unpack(encode(Ext(TENSOR, encode({"dtype": "bool", "shape": [2], "device": "cpu", "data": b"\1\2"}))))


def test_an_array_whose_bytes_are_in_another_order_is_no_value():
    with pytest.raises(WireError):
        unpack(encode(Ext(ARRAY, encode({"dtype": ">f8", "shape": [1], "device": "numpy", "data": bytes(8)}))))


def header(**fields) -> bytes:
    return encode(Ext(TENSOR, encode({"dtype": "uint8", "shape": [1], "device": "cpu", "data": b"x"} | fields)))


MANY = 4_000_000  # bytes


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(header(shape=[300] * (MANY // 3)), id="a shape of a million sizes"),
        pytest.param(header(dtype="i," * (MANY // 2)), id="a dtype of a million fields"),
        pytest.param(header(device="x" * MANY), id="a device with a long name"),
        pytest.param(header(shape=[MANY], data=bytes(MANY)), id="a large tensor"),
        pytest.param(b"\xdd\x00\x0f\x00\x00" + b"\x90" * (15 << 16), id="as many empty lists as may be sent"),
        pytest.param(b"\xdd\x00\x0f\x00\x00" + b"\x80" * (15 << 16), id="as many empty dicts as may be sent"),
        pytest.param(b"\xdd\xff\xff\xff\xff", id="a list that says it has four billion items"),
        pytest.param(b"\xc6\xff\xff\xff\xff", id="bytes that say that they are four billion"),
        pytest.param(encode([b"x" * 100] * (MANY // 100)), id="many bytes"),
        pytest.param(nested([(False, 60)]) + b"x" * MANY, id="tuples in each other, and more"),
    ],
)
def test_reading_takes_memory_in_proportion_to_the_bytes(data):
    """Three copies of the bytes, and 80 bytes for each of the parts that are allowed."""
    tracemalloc.start()
    try:
        unpack(data)
    except WireError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 3 * len(data) + 80 * min(LEAVES, len(data)) + 100_000
