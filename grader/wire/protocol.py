"""What the two sides say to each other. The loader is told Load once and Call many times; each is answered by a Reply.

Everything in a Reply is data from the student's side: it can be forged, and is believed only as an answer to compare.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from grader.errors import WireError

Few = Annotated[tuple[str, ...], Meta(max_length=1000)]  # told before any is built: a million would fit in a frame


class Load(Struct, frozen=True, tag="load"):
    """The submission's files, and the assignment's probes: imported once."""

    files: dict[str, bytes]
    entry: str
    module: str  # the name under which the entry is imported
    probes: bytes


class Call(Struct, frozen=True, tag="call"):
    """Run a probe, or call a function of the student's module. `arguments` is a packed [args, kwargs]."""

    target: str
    is_probe: bool
    arguments: bytes
    names: tuple[str, ...] = ()  # of the part: which names must be there
    forbidden: tuple[str, ...] = ()


class Value(Struct, frozen=True, tag="value"):
    """An answer, packed."""

    data: bytes


class Raised(Struct, frozen=True, tag="raised"):
    """The call raised. `types` are the names along the exception's MRO; `where` is the innermost own line."""

    types: Few
    where: str = ""
    message: str = ""  # empty unless torch or numpy wrote it


class Missing(Struct, frozen=True, tag="missing"):
    """The student's module has no such name."""

    name: str


class Bound(Struct, frozen=True, tag="bound"):
    """The student's module has this name, but not for a function or class."""

    name: str
    kind: str


class Forbade(Struct, frozen=True, tag="forbade"):
    """A call that this part rules out was made."""

    name: str
    where: str = ""


class Unsendable(Struct, frozen=True, tag="unsendable"):
    """The call returned something that is not data."""

    reason: str


class Loaded(Struct, frozen=True, tag="loaded"):
    """The module was imported. `names` are its public names; `notes` what the notebook's runner passed over."""

    names: Few = ()
    notes: Few = ()


Reply = Value | Raised | Missing | Bound | Forbade | Unsendable | Loaded
Request = Load | Call

_encode = msgspec.msgpack.Encoder().encode
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def encode(message: Any) -> bytes:
    """Return a message as bytes."""
    return _encode(message)


def request(data: bytes) -> Request:
    """Return the request in a frame. The student's side reads it."""
    return _requests.decode(data)


def reply(data: bytes) -> Reply:
    """Return the reply in a frame.

    Raises:
        WireError: if it is not a reply.
    """
    try:
        return _replies.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError, MemoryError) as error:
        raise WireError(f"bytes that are not a reply: {type(error).__name__}") from error
