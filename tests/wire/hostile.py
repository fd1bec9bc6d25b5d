"""Bytes as a hostile candidate writes them: msgpack by its grammar, of which counts, kinds and bodies may be lies."""

from __future__ import annotations

import struct

import msgspec
import numpy as np
import torch
from hypothesis import strategies as st
from msgspec.msgpack import Ext

from grader.wire.values import DTYPES, pack
from tests.fuzzing import damaged

encode = msgspec.msgpack.encode
SIZES = st.sampled_from([-(2**63), -1, 0, 1, 2, 3, 2**31, 2**62, 2**64 - 1]) | st.integers(0, 5)
KINDS = st.sampled_from(
    [*DTYPES, "O", "V8", "S3", "M8[s]", ">f8", "<f16", "f4,f4", "(3,)f8", ",,,", "a", "é", "", "x" * 40]
)
NUMBERS = st.one_of(st.integers(-(2**63), 2**64 - 1), st.floats(), st.sampled_from([2**70, -(2**70), 10**3000]))
PLAIN = st.none() | st.booleans() | NUMBERS | st.text(max_size=4) | st.binary(max_size=4) | st.complex_numbers()
NUMPY = ["bool", "int8", "uint16", "int64", "uint64", "float16", "float32", "float64", "complex64", "complex128"]


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor | np.ndarray:
    shape = draw(st.lists(st.integers(0, 3), max_size=4))
    size = int(np.prod(shape))
    if draw(st.booleans()):
        return np.arange(size).astype(draw(st.sampled_from(NUMPY))).reshape(shape)
    return torch.arange(size).to(DTYPES[draw(st.sampled_from(list(DTYPES)))]).reshape(shape)


LEAF = PLAIN | tensors() | st.sampled_from([torch.float32, torch.bool, torch.device("cpu"), torch.device("cuda:1")])
KEYS = st.text(max_size=3) | st.integers(-(2**63), 2**64 - 1)
VALUES = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def headers(draw: st.DrawFn) -> bytes:
    """A tensor's header in which each field may be of another kind, or not there."""
    fields = {
        "dtype": draw(KINDS | PLAIN),
        "shape": draw(st.lists(SIZES, max_size=5) | st.lists(st.just(1), min_size=60, max_size=70) | PLAIN),
        "device": draw(st.sampled_from(["cpu", "numpy", "cuda:7", "nowhere"]) | PLAIN),
        "data": draw(st.binary(max_size=40) | PLAIN),
    }
    for name in draw(st.sets(st.sampled_from(sorted(fields)), max_size=1)):
        del fields[name]
    return encode({name: value for name, value in fields.items() if not _is_unsendable(value)})


def _is_unsendable(value: object) -> bool:
    return isinstance(value, complex) or (isinstance(value, int) and not -(2**63) <= value < 2**64)


def extensions(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    names = st.sampled_from([b"float32", b"cpu", b"cuda:99999999999", b"meta", b"1_0", b" 7 ", b"-0", b"9" * 4300])
    bodies = inner | headers() | st.binary(max_size=20) | names
    return st.builds(lambda code, body: encode(Ext(code, body)), st.integers(-3, 9) | st.integers(-128, 127), bodies)


def counted(first: int, inner: st.SearchStrategy[bytes], each: int) -> st.SearchStrategy[bytes]:
    """A list or map whose count may be anything."""
    count = st.none() | st.integers(0, 5) | st.sampled_from([2**16, 2**31, 2**32 - 1])
    items = st.lists(inner, max_size=4 * each)
    return st.builds(
        lambda n, items: struct.pack(">BI", first, len(items) // each if n is None else n) + b"".join(items),
        count,
        items,
    )


def texts(first: int) -> st.SearchStrategy[bytes]:
    """A string or bytes whose length may be anything."""
    length = st.none() | st.sampled_from([0, 1, 2**31, 2**32 - 1])
    return st.builds(
        lambda n, body: struct.pack(">BI", first, len(body) if n is None else n) + body, length, st.binary(max_size=6)
    )


SCALARS = st.binary(min_size=1, max_size=9) | PLAIN.filter(lambda v: not _is_unsendable(v)).map(encode)
MSGPACK = st.recursive(
    SCALARS | texts(0xDB) | texts(0xC6) | headers() | extensions(SCALARS),
    lambda inner: counted(0xDD, inner, 1) | counted(0xDF, inner, 2) | extensions(inner),
    max_leaves=12,
)
NESTED = st.builds(  # deep by turns: lists in tuples in lists
    lambda turns, end: nested(turns) or end, st.lists(st.tuples(st.booleans(), st.integers(1, 70)), max_size=6), SCALARS
)


def nested(turns: list[tuple[bool, int]]) -> bytes:
    """Return lists (True) or tuples (False) in each other, as often as each turn says."""
    data = b"\xc0"
    for is_list, times in turns:
        for _ in range(times):
            data = b"\x91" + data if is_list else encode(Ext(3, b"\x91" + data))
    return data


BYTES = st.binary(max_size=300) | MSGPACK | NESTED | damaged(VALUES.map(pack)) | damaged(MSGPACK)
