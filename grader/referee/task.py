"""What the local executor and the warm referee say to each other. Both are trusted; it is msgpack all the same."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from grader.work import Device, Verdict


class Setup(Struct, frozen=True):
    """Which checks to collect, and how sandboxes are made."""

    solution: str
    hold: str
    prepare: str
    devices: tuple[Device, ...] = ()


class Task(Struct, frozen=True):
    """One submission to judge."""

    key: str
    files: dict[str, bytes]
    entry: str
    seed: bytes
    only: str
    language: str


class Ready(Struct, frozen=True, tag=True):
    """The checks are collected; tasks can be sent."""


class Broken(Struct, frozen=True, tag=True):
    """Nothing can be judged."""

    code: str
    problem: str


class Judged(Struct, frozen=True, tag=True):
    """A verdict."""

    verdict: Verdict


Answer = Ready | Broken | Judged

_encode = msgspec.msgpack.Encoder().encode
setup = msgspec.msgpack.Decoder(Setup).decode
task = msgspec.msgpack.Decoder(Task).decode
answer: Any = msgspec.msgpack.Decoder(Answer).decode


def encode(message: Any) -> bytes:
    """Return a message as bytes."""
    return _encode(message)
