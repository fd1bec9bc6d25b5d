"""Values cross the boundary unchanged, and bytes that are anything else build nothing."""

from __future__ import annotations

import math
from collections import OrderedDict, namedtuple
from contextlib import suppress
from enum import IntEnum

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import WireError
from grader.wire.values import ARRAY, DEPTH, DTYPES, TENSOR, pack, unpack

PLAIN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(),
        st.binary(),
        st.complex_numbers(allow_nan=False),
    ),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(0, 2**40), inner),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_values_come_back_with_their_types(value):
    back = unpack(pack(value))
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("dtype", DTYPES.values(), ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3), (3, 4)], ids=str)
def test_tensors_of_every_dtype_and_shape_come_back(dtype, shape):
    value = (torch.arange(math.prod(shape)).reshape(shape) + 1).to(dtype)
    back = unpack(pack(value))
    assert back.dtype is dtype
    assert torch.equal(back, value)


def test_views_conjugates_and_parameters_are_sent_by_value():
    matrix = torch.arange(6.0).reshape(2, 3)
    assert torch.equal(unpack(pack(matrix.T)), matrix.T)
    assert torch.equal(unpack(pack(torch.tensor([1 + 2j]).conj())), torch.tensor([1 - 2j]))
    back = unpack(pack(torch.nn.Parameter(matrix)))
    assert type(back) is torch.Tensor
    assert not back.requires_grad


def test_a_tensor_that_came_back_can_be_written_to():
    back = unpack(pack(torch.zeros(3)))
    back += 1
    assert torch.equal(back, torch.ones(3))


@pytest.mark.parametrize(
    "array", [np.arange(4), np.ones((2, 0)), np.array(1.5), np.arange(3, dtype=">i4"), np.ones((2, 3)).T], ids=repr
)
def test_numpy_arrays_come_back(array):
    np.testing.assert_array_equal(unpack(pack(array)), array)


def test_kinds_that_have_a_plain_equal_are_sent_as_that():
    colour = IntEnum("colour", "RED")
    point = namedtuple("point", "x y")
    sent = [colour.RED, np.float64(0.5), point(1, 2), OrderedDict(a=1), torch.Size([2, 3])]
    assert unpack(pack(sent)) == [1, 0.5, (1, 2), {"a": 1}, (2, 3)]


def test_dtypes_and_devices_come_back():
    assert unpack(pack([torch.bfloat16, torch.device("cpu")])) == [torch.bfloat16, torch.device("cpu")]


def deep(levels: int) -> list:
    value: list = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param(object(), "a object is not data", id="object"),
        pytest.param([1, {"a": lambda: 0}], r"function is not data .*\(at \[1\]\['a'\]\)", id="function"),
        pytest.param({1.5: 0}, "a dict with a key of type float", id="float key"),
        pytest.param({True: 0}, "a dict with a key of type bool", id="bool key"),
        pytest.param(torch.eye(2).to_sparse(), "sparse", id="sparse"),
        pytest.param(torch.empty(2, device="meta"), "meta", id="meta"),
        pytest.param(np.array([object()]), "array of object", id="objects"),
        pytest.param(deep(DEPTH + 1), "deep", id="deep"),
    ],
)
def test_what_is_not_data_is_refused_with_its_place(value, words):
    with pytest.raises(WireError, match=words):
        pack(value)


def extension(code: int, body: bytes) -> bytes:
    return msgspec.msgpack.encode(msgspec.msgpack.Ext(code, body))


def array(dtype: str, data: bytes) -> bytes:
    return extension(ARRAY, msgspec.msgpack.encode({"dtype": dtype, "shape": (1,), "device": "", "data": data}))


def tensor(dtype="float32", shape=(2,), data=b"12345678") -> bytes:
    return extension(TENSOR, msgspec.msgpack.encode({"dtype": dtype, "shape": shape, "device": "cpu", "data": data}))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xc1", id="no msgpack"),
        pytest.param(b"\x91" * 5000 + b"\xc0", id="nested 5000 deep"),
        pytest.param(extension(99, b""), id="unknown extension"),
        pytest.param(extension(3, extension(3, b"\x01")), id="a tuple of no list"),
        pytest.param(extension(4, b"9" * 5000), id="a giant int"),
        pytest.param(extension(6, b"float31"), id="no dtype"),
        pytest.param(extension(7, b"nowhere:7"), id="no device"),
        pytest.param(tensor(shape=(3,)), id="too few bytes"),
        pytest.param(tensor(shape=(2**62, 2**62)), id="giant shape"),
        pytest.param(tensor(shape=(-2,)), id="negative size"),
        pytest.param(tensor(shape=(1,) * 500 + (2,)), id="500 axes"),
        pytest.param(tensor(dtype="object"), id="a dtype of objects"),
        pytest.param(tensor(shape=(0, 2**62, 2**62), data=b""), id="empty and giant"),
        pytest.param(array("O", b"12345678"), id="array of objects"),
        pytest.param(array("zz", b"1"), id="array of nonsense"),
        pytest.param(msgspec.msgpack.encode({1.5: 1}), id="a float key"),
        pytest.param(msgspec.msgpack.encode([None] * 1_000_001), id="a million parts"),
    ],
)
def test_hostile_bytes_are_refused(data):
    with pytest.raises(WireError):
        unpack(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_values_or_a_wire_error(data):
    with suppress(WireError):
        unpack(data)
