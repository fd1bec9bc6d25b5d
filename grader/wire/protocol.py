"""What the two sides say to each other. The loader is told Load once and Call many times; each is answered by a Reply.

Everything in a Reply is data from the student's side: it can be forged, and is believed only as an answer to compare.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from grader.errors import WireError

Few = Annotated[tuple[str, ...], Meta(max_length=1000)]  # told before any is built: a million would fit in a frame


class Fresh(Struct, frozen=True):
    """How a process is made ready that answers one call on a GPU."""

    devices: Few  # as torch names them there; what is sent to it arrives on the first
    visible: str  # CUDA_VISIBLE_DEVICES
    tf32: bool  # whether matrix products and convolutions may use it
    seed: int  # of torch, numpy and random


class Load(Struct, frozen=True, tag="load"):
    """The submission's files, and the assignment's probes: imported once, or, where `fresh`, anew for each call."""

    files: dict[str, bytes]
    entry: str
    module: str  # the name under which the entry is imported
    probes: bytes
    fresh: Fresh | None = None


class Ranks(Struct, frozen=True):
    """How many processes answer a call together, whether their process group is made for them, and how soon."""

    nprocs: int
    init_process_group: bool = True
    seconds: float = 0.0  # for all of it; known when the call is sent


class Script(Struct, frozen=True):
    """A run of the submission's own file by torchrun, in a folder with these files, before the probe that looks at it.

    Unless it `may_fail`, a run that does not end well is answered by why it did not.
    """

    nprocs: int
    args: Few = ()
    files: dict[str, bytes] = {}
    may_fail: bool = False
    seconds: float = 0.0  # as those of ranks


class Call(Struct, frozen=True, tag="call"):
    """Run a probe, or call a function of the student's module. `arguments` is a packed [args, kwargs]."""

    target: str
    is_probe: bool
    arguments: bytes
    names: tuple[str, ...] = ()  # of the part: which names must be there
    forbidden: tuple[str, ...] = ()
    ranks: Ranks | None = None  # None: one process; else the answer is a list, one value a rank
    script: Script | None = None

    def within(self, seconds: float) -> Call:
        """Return this call as it is sent: its processes know how long they have."""
        ranks = self.ranks and replace(self.ranks, seconds=seconds)
        script = self.script and replace(self.script, seconds=seconds)
        return replace(self, ranks=ranks, script=script)


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
    """A call that this part rules out was made: `written` is how the student calls it, such as "F.softmax"."""

    name: str
    where: str = ""
    written: str = ""


class Unsendable(Struct, frozen=True, tag="unsendable"):
    """The call returned something that is not data."""

    reason: str


class Place(Struct, frozen=True):
    """Where one rank was when a launch was given up. `shape` and `dtype` are of the tensor in a collective."""

    rank: Annotated[int, Meta(ge=0, lt=64)]
    state: Literal["answered", "raised", "ended", "waits", "works"]
    collective: str = ""
    where: str = ""
    shape: Annotated[tuple[int, ...], Meta(max_length=8)] | None = None
    dtype: str = ""


class Halted(Struct, frozen=True, tag="halted"):
    """Of several ranks not all answered: the first cause, never what followed from it in the others.

    It raised; it ended by itself (`status` is waitpid's); its words could not be read; the collectives of two did not
    fit; or it was stuck, and the others with it. `output` is what the ranks printed.
    """

    how: Literal["raised", "ended", "unread", "mismatch", "stuck"]
    place: Place
    others: Annotated[tuple[Place, ...], Meta(max_length=16)] = ()
    types: Few = ()
    message: str = ""
    status: Annotated[int, Meta(ge=0, le=0xFFFF)] = 0
    output: Annotated[str, Meta(max_length=8000)] = ""


class Loaded(Struct, frozen=True, tag="loaded"):
    """The module was imported. `names` are its public names; `notes` what the notebook's runner passed over."""

    names: Few = ()
    notes: Few = ()


Reply = Value | Raised | Missing | Bound | Forbade | Unsendable | Halted | Loaded
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
