"""One warm zygote for all tests that enter sandboxes. For `pytest_plugins`; imported too, hence PYTEST_DONT_REWRITE."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from msgspec.structs import replace

import grader_bwrap
import grader_local
from grader.model import MB, Limits
from grader.referee.entry import Entry
from grader.referee.sandboxed import Sandboxed
from grader.wire.protocol import Call, Load, Value
from grader.wire.values import pack, unpack

LIMITS = Limits(load_seconds=10, call_seconds=10, cpu_seconds=20, memory=300 * MB, disk=64 * MB, reply=16 * MB)

Submit = Callable[..., Sandboxed]


@pytest.fixture(scope="session")
def zygote() -> Iterator[socket.socket]:
    """The warm process."""
    with ExitStack() as stack:
        orders = grader_local.start_zygote(stack)
        grader_local.wait_until_warm(orders)
        yield orders


@pytest.fixture
def submit(zygote: socket.socket) -> Iterator[Submit]:
    """Make a student of a module's source, in a sandbox of its own: `submit(source, confined=..., **limits)`."""
    with ExitStack() as stack:

        def submitted(source: str, *, probes: str = "", confined: bool = True, **changed: Any) -> Sandboxed:
            limits = replace(LIMITS, **changed)

            def enter() -> Entry:
                return Entry(zygote, limits, grader_bwrap.hold(limits) if confined else None)

            load = Load({"tiny.py": source.encode()}, "tiny.py", "tiny", probes.encode())
            student = Sandboxed(enter, load, limits)
            stack.callback(student.close)
            return student

        yield submitted


def answer(student: Sandboxed, target: str, *args: object, seconds: float = 10.0, **options: Any) -> Any:
    """Return the value that a call answers with."""
    is_probe = bool(options.pop("is_probe", False))
    reply = student.ask(Call(target, is_probe, pack([list(args), {}]), **options), seconds)
    assert isinstance(reply, Value), reply
    return unpack(reply.data)
