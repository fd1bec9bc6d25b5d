"""Frames on a stream socket: eight bytes of length, then that many bytes. Nobody believes a length."""

from __future__ import annotations

import socket
import struct

from grader.errors import WireError

HEADER = struct.Struct("<Q")
CHUNK = 1 << 20


def send(sock: socket.socket, payload: bytes) -> None:
    """Send one frame; blocks until the other side has taken it."""
    sock.sendall(HEADER.pack(len(payload)))
    sock.sendall(payload)


def receive(sock: socket.socket, limit: int) -> bytes:
    """Return the next frame of a blocking socket.

    Raises:
        WireError: if it is longer than `limit` bytes, or the other side has gone before its end.
    """
    reader = FrameReader(limit)
    while not reader.complete:
        data = sock.recv(min(CHUNK, reader.wanted))
        if not data:
            raise WireError("the other side ended before its frame did")
        reader.feed(data)
    return reader.frame


class FrameReader:
    """One frame, taken in as it comes. `wanted` never reaches into the frame that follows."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.length: int | None = None
        self.buffer = bytearray()

    @property
    def wanted(self) -> int:
        """Bytes still to come, as far as is known."""
        return (HEADER.size if self.length is None else self.length) - len(self.buffer)

    @property
    def complete(self) -> bool:
        """Whether the whole frame is here."""
        return self.length is not None and len(self.buffer) == self.length

    @property
    def frame(self) -> bytes:
        """The payload."""
        return bytes(self.buffer)

    def feed(self, data: bytes) -> None:
        """Take in what was received, at most `wanted` bytes.

        Raises:
            WireError: if the frame says that it is longer than the limit.
        """
        self.buffer += data
        if self.length is None and len(self.buffer) == HEADER.size:
            (self.length,) = HEADER.unpack(self.buffer)
            if self.length > self.limit:
                raise WireError(f"an answer of {self.length / 2**20:.0f} MB; the limit is {self.limit / 2**20:.0f} MB")
            self.buffer.clear()
