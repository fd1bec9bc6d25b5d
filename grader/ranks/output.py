"""What the ranks print: one text, line by line as it was written, each with its rank, and no more than is of use."""

from __future__ import annotations

import os
import re
import socket
import struct
from contextlib import suppress

MOST = 64 << 10  # characters that are passed on of one launch
LAST = 4000  # characters that are kept
LONGEST_LINE = 1000
CHUNK = 1 << 16
CREDENTIALS = struct.Struct("3i")
CHATTER = re.compile(rb"\[Gloo\] Rank |\[[^]]*/gloo/|(\[rank\d+\]:)?\[[EWI]\d{4} ")  # of gloo and torch, from C++


class Output:
    """Merges and bounds it. Whatever more comes is taken and dropped, so that no rank waits for room.

    All ranks write to one socket, so that what they print comes in the order in which it was written; the kernel says
    which process wrote it.
    """

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair()
        self.near.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.ranks: dict[int, int] = {}  # by pid
        self.unfinished: dict[int, bytes] = {}
        self.lines: list[str] = []
        self.passed = 0

    def take(self) -> bool:
        """Take what one process has written; False if that was all that will come."""
        data, extra, _, _ = self.near.recvmsg(CHUNK, socket.CMSG_SPACE(CREDENTIALS.size))
        for level, kind, sent in extra:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                rank = self._rank(CREDENTIALS.unpack(sent[: CREDENTIALS.size])[0])
                if rank is not None:
                    self.add(rank, data)
        return bool(data)

    def _rank(self, pid: int) -> int | None:
        """Return the rank that a process is, or whose session it is in."""
        if pid not in self.ranks:
            with suppress(OSError):
                return self.ranks.get(os.getsid(pid))
        return self.ranks.get(pid)

    def add(self, rank: int, data: bytes) -> None:
        """Add what a rank has printed."""
        *lines, rest = (self.unfinished.pop(rank, b"") + data).split(b"\n")
        for line in lines:
            self._pass(rank, line)
        if len(rest) > LONGEST_LINE:
            self._pass(rank, rest)
        elif rest:
            self.unfinished[rank] = rest

    def close(self) -> None:
        """Take what is left, and pass on the lines that were never ended."""
        self.far.close()
        while self.take():
            pass
        self.near.close()
        for rank, rest in sorted(self.unfinished.items()):
            self._pass(rank, rest)

    def last(self) -> str:
        """Return the end of it."""
        return "".join(self.lines)[-LAST:]

    def _pass(self, rank: int, line: bytes) -> None:
        if CHATTER.match(line) or self.passed > MOST:
            return
        text = f"[rank {rank}] {line[:LONGEST_LINE].decode(errors='replace')}\n"
        self.passed += len(text)
        if self.passed > MOST:
            text = "... and more, which is not kept\n"
        self.lines.append(text)
        with suppress(OSError):
            os.write(1, text.encode())
