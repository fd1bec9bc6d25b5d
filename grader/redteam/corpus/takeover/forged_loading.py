"""Says while it is imported that it has been imported, and answers the first calls in the same breath."""
# ends: failed

import socket

from grader.wire import protocol
from grader.wire.frames import send
from grader.wire.values import pack

with socket.socket(fileno=3) as wire:
    send(wire, protocol.encode(protocol.Loaded(tuple(ASSIGNED))))
    for _ in range(20):
        send(wire, protocol.encode(protocol.Value(pack(True))))
    wire.detach()


def attack(honest, *args, **kwargs):
    return None
