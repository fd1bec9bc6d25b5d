"""Whatever arrives in a frame, it is a reply, which makes a short sentence, or a WireError."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import WireError
from grader.referee.faults import from_reply
from grader.wire import protocol
from grader.wire.frames import HEADER, FrameReader
from grader.wire.protocol import Bound, Forbade, Loaded, Missing, Raised, Unsendable, Value
from tests.fuzzing import damaged, fuzzed
from tests.wire.hostile import BYTES, encode

TEXT = st.text(max_size=20) | st.just("9" * 5000) | st.just("\x1b[31m\r\n\u202e" * 200)
NAMES = st.lists(TEXT, max_size=5).map(tuple)
REPLIES = st.one_of(
    st.builds(Value, st.binary(max_size=20)),
    st.builds(Raised, NAMES, TEXT, TEXT),
    st.builds(Missing, TEXT),
    st.builds(Bound, TEXT, TEXT),
    st.builds(Forbade, TEXT, TEXT),
    st.builds(Unsendable, TEXT),
    st.builds(Loaded, NAMES, NAMES),
)
TAGS = st.sampled_from(["value", "raised", "missing", "bound", "forbade", "unsendable", "loaded", "load", "call", ""])
FIELDS = st.sampled_from(["data", "types", "where", "message", "name", "kind", "reason", "names", "notes", "other"])
ANY = st.none() | st.integers(0, 3) | st.floats() | TEXT | st.binary(max_size=5) | st.lists(TEXT, max_size=3)
ODD = st.builds(lambda tag, rest: encode({"type": tag, **rest}), TAGS | ANY, st.dictionaries(FIELDS, ANY, max_size=4))
LIMIT = 64


@fuzzed(500)
@given(REPLIES)
def test_a_reply_comes_back_as_it_was(reply):
    assert protocol.reply(protocol.encode(reply)) == reply


@fuzzed(1000)
@given(BYTES | ODD | damaged(ODD) | damaged(REPLIES.map(protocol.encode)))
def test_a_frame_is_a_reply_that_makes_a_short_sentence_or_a_wire_error(data):
    try:
        reply = protocol.reply(data)
    except WireError:
        return
    said = from_reply(reply, "f()").message
    assert said.isprintable()
    assert len(said) < 500


@fuzzed(500)
@given(st.binary(max_size=200) | st.builds(lambda n, rest: HEADER.pack(n) + rest, st.integers(0, 80), st.binary()))
def test_a_reader_takes_one_frame_and_not_a_byte_of_the_next(data):
    reader, at = FrameReader(LIMIT), 0
    try:
        while not reader.complete and at < len(data):
            taken = data[at : at + max(1, reader.wanted // 2)]
            at += len(taken)
            reader.feed(taken)
    except WireError:
        assert int.from_bytes(data[:8], "little") > LIMIT
        return
    length = int.from_bytes(data[:8].ljust(8, b"\0"), "little")
    assert reader.complete == (len(data) >= 8 + length)
    assert at == min(len(data), 8 + length)
    assert not reader.complete or reader.frame == data[8 : 8 + length]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encode({"type": "loaded", "names": ["ab"] * 1_000_000}), id="a million names"),
        pytest.param(encode({"type": "raised", "types": [], "more": [[]] * 1_000_000}), id="a million lists elsewhere"),
        pytest.param(encode({"type": "x" * 1_000_000}), id="a long kind"),
        pytest.param(
            b"\x82\xa4type\xa5value\xa4data\xc6\xff\xff\xff\xff", id="bytes that say that they are four billion"
        ),
        pytest.param(b"\x91" * 1_000_000, id="nested a million deep"),
    ],
)
def test_reading_a_reply_takes_memory_in_proportion_to_the_bytes(data):
    tracemalloc.start()
    try:
        protocol.reply(data)
    except WireError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 3 * len(data) + 100_000
