"""One of torchrun's workers, as the launcher sees it: what it told in files, and how torchrun saw it end."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from grader.ranks import rank, stack
from grader.ranks.script import PID, STACK, TOLD, Told
from grader.wire.protocol import Place, Raised, Reply, Value


class Worker:
    """A rank that has ended, or is to be ended. It has the face of what `cause` asks about."""

    def __init__(self, place: Path, number: int, ended: tuple[int, float] | None) -> None:
        self.place = place
        self.rank = number
        self.told = self._read()
        self.status: int | None = None
        self.at = 0.0
        self.reply: Reply | None = None
        if self.told is not None:
            self.status, self.at, self.reply = self.told.status << 8, self.told.at, self.told.reply
        elif ended is not None:
            self.status, self.at = ended
        if self.told is not None and self.reply is None and self.status == 0:
            self.reply = Value(b"")

    def _read(self) -> Told | None:
        try:
            return msgspec.msgpack.decode(self._file(TOLD).read_bytes(), type=Told)
        except (OSError, msgspec.DecodeError):
            return None

    def _file(self, name: str) -> Path:
        return self.place / name.format(self.rank)

    @property
    def value(self) -> bytes | None:
        """Nothing, unless it ended well."""
        return self.reply.data if isinstance(self.reply, Value) else None

    @property
    def settled(self) -> bool:
        """Whether it ended by itself. torchrun ends the others when one has failed."""
        return self.reply is not None or self.status is not None

    def ask(self) -> None:
        """Have it write where it is."""
        with suppress(OSError, ValueError):
            os.kill(int(self._file(PID).read_text()), rank.WHERE)

    def where(self, root: str) -> Place:
        """Return where it is, when it has been asked."""
        if self.value is not None:
            return Place(self.rank, "answered")
        written = ""
        with suppress(OSError):
            written = self._file(STACK).read_text(errors="replace")
        return stack.place(self.rank, written, root)

    def described(self) -> dict[str, Any]:
        """Return how it failed as plain data."""
        if isinstance(self.reply, Raised):
            said = {"types": list(self.reply.types), "where": self.reply.where, "message": self.reply.message}
        else:
            said = {"types": [], "where": "", "message": ""}
        return {"rank": self.rank, "status": os.waitstatus_to_exitcode(self.status or 0), **said}
