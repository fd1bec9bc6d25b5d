"""Messages come back as what they were; bytes from a student's side that are no reply are refused."""

from __future__ import annotations

import pytest

from grader.errors import WireError
from grader.wire import protocol


@pytest.mark.parametrize(
    "reply",
    [
        protocol.Value(b"x"),
        protocol.Raised(("ValueError",), "a.py, line 3", "text"),
        protocol.Missing("f"),
        protocol.Forbade("torch.mean"),
        protocol.Unsendable("a function"),
        protocol.Loaded(("f",), ("cell 3 raised",)),
    ],
    ids=lambda reply: type(reply).__name__,
)
def test_replies_come_back(reply):
    assert protocol.reply(protocol.encode(reply)) == reply


def test_requests_come_back():
    load = protocol.Load({"a.py": b"x"}, "a.py", "a", b"")
    for message in (load, protocol.Call("f", True, b"", ("f",), ("torch.mean",))):
        assert protocol.request(protocol.encode(message)) == message


@pytest.mark.parametrize("data", [b"", b"\xff\xff", protocol.encode({"type": "verdict"}), protocol.encode([1, 2])])
def test_anything_else_is_refused(data):
    with pytest.raises(WireError, match="not a reply"):
        protocol.reply(data)
